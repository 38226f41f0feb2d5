/** Members of a client that are judged: each has a function of the guarded client in its place. */
export const JUDGED = [
  'callTool',
  'listTools',
  'readResource',
  'listResources',
  'listResourceTemplates',
  'getPrompt',
  'listPrompts',
  'complete',
  'subscribeResource',
  'unsubscribeResource',
  'getInstructions',
  'connect',
  'setRequestHandler',
  'setNotificationHandler',
] as const

/** Members that carry no text of a server or a model: the client's own. */
export const PASSED = [
  'constructor',
  'close',
  'ping',
  'transport',
  'onclose',
  'onerror',
  'setLoggingLevel',
  'sendRootsListChanged',
  'registerCapabilities',
  'removeRequestHandler',
  'assertCanSetRequestHandler',
  'removeNotificationHandler',
  'getServerCapabilities',
  'getServerVersion',
] as const

/** Members that would pass a judgement by. Reading or calling one is PARAPET_ADAPTER_MCP_REFUSED. */
export const REFUSED = [
  'request',
  'requestStream',
  'notification',
  'experimental',
  'getTask',
  'getTaskResult',
  'listTasks',
  'cancelTask',
  'fallbackRequestHandler',
  'fallbackNotificationHandler',
] as const
