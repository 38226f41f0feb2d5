/** The tool that the kit's provider calls. */
export const NOTE_TOOL = {
  type: 'function',
  function: {
    name: 'note',
    description: 'Takes a note.',
    parameters: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  },
}

/** A request of the kit as messages of OpenAI's chat route. */
export function chatMessages({ prompt, toolResult }) {
  const user = { role: 'user', content: prompt }
  if (toolResult === undefined) return [user]
  const call = { id: 'call_kit0', type: 'function', function: { name: 'note', arguments: '{"text":"x"}' } }
  return [
    user,
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'call_kit0', content: toolResult },
  ]
}
