/** What `guardTools` does with each thing that a tool has: the table of its docs. */
export const TOOLS_CAPABILITIES = {
  'arguments of a call': 'judged before the tool runs (`toolCall`), by decoded leaves',
  'results: text, JSON': 'judged before anybody reads them (`toolResult`), JSON by decoded leaves',
  'results one by one (async generator)': 'each judged before it is given out; a block ends the tool',
  'results one by one (another async iterable)': 'each judged; the last one is the result',
  'what `toModelOutput` says':
    'judged, files that are text and addresses of files too; its media give onAbstain',
  'errors that a tool throws': 'judged, as the text that the model reads of them',
  'a redaction': 'made in the arguments or the result; a cut key of JSON is a block',
  'a hold': 'waits for a person, then withheld with a ticket for `onWithheld`',
  'tools that the provider runs, tools of the browser': 'pass: the guarded model judges calls and results',
  '`needsApproval`, `toolApproval`': 'the app’s own; they lift no hold',
  '`onInputStart`, `onInputDelta`, `onInputAvailable`': 'not judged: the app’s own code',
  'descriptions and schemas': 'not judged: the developer’s own',
} as const
