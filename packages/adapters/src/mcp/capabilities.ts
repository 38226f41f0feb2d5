/** What `guardMcpClient` does with each thing of the protocol: the table of its docs. */
export const MCP_CAPABILITIES = {
  'arguments of `callTool`':
    'judged before they are sent (`toolCall`), with the name of a tool that was not listed',
  'results of `callTool`': 'judged (`toolResult`): each text block, resources and links, structured content',
  'images, audio, blobs': 'onAbstain',
  '`listTools`, `listPrompts`, `listResources`, templates':
    'judged item by item (`toolResult`), schemas by their leaves; what is withheld is not listed',
  'the place where a list goes on (`nextCursor`)':
    'passes as one plain word of up to 1,024 characters, which is not judged; refused otherwise: PARAPET_ADAPTER_MCP_REFUSED',
  '`readResource`, `getPrompt`, `complete`': 'judged both ways',
  '`subscribeResource`, `unsubscribeResource`': 'the address is judged before it is sent',
  'instructions and name of the server':
    'judged while it connects; withheld where the client was connected before',
  'errors of the server': 'judged, as the text that somebody reads',
  'sampling and elicitation':
    'what the server asks is judged (`toolResult`), what it is answered too (`toolCall`)',
  '`roots/list`, `ping` of the server': 'pass',
  'other requests of the server': 'refused, as a method that is not there',
  notifications: 'judged (`toolResult`); what is withheld does not come',
  progress: 'its numbers pass, its message is withheld',
  '`_meta`, `annotations` of content, icons': 'withheld',
  '`request`, `requestStream`, `notification`, tasks, `experimental`, fallback handlers':
    'refused: PARAPET_ADAPTER_MCP_REFUSED',
  '`onclose`, `onerror`, `transport`': 'the client’s own, for the app’s code',
  '`listChanged` of the client’s constructor': 'not judged: use `setNotificationHandler` and list again',
} as const
