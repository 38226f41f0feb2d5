import { entry, errorsOf } from '@parapet/sdk'

/** Every error of this package's own; queues throw the `PARAPET_QUEUE_…` errors of `@parapet/sdk`. */
export const ADAPTER_ERRORS = {
  PARAPET_ADAPTER_OPTIONS: entry<{ adapter: string; problems: readonly string[] }>(
    ({ adapter, problems }) =>
      `The options of ${adapter} are not usable: ${problems.join('; ')}. Its docs list every option.`,
  ),
  PARAPET_ADAPTER_CONTEXT_INVALID: entry<{ where: string; problems: readonly string[] }>(
    ({ where, problems }) =>
      `${where}: not usable: ${problems.join('; ')}. It takes tenant, subjectKey, requestId, locale and grant, all texts.`,
  ),
  PARAPET_ADAPTER_PART_UNKNOWN: entry<{ type: string; where: 'answer' | 'prompt' | 'tool result' }>(
    ({ type, where }) =>
      `The ${where} holds a part of type "${type}", which this version cannot judge and so refuses. Update @parapet/adapters, or keep the provider from using such parts.`,
  ),
  PARAPET_ADAPTER_STREAM_ENDED: entry<void>(
    () =>
      'The provider’s stream ended without a finish, so the answer is not whole and the rest of it was kept back. Ask again.',
    { retryable: true },
  ),
  PARAPET_ADAPTER_PROVIDER_FAILED: entry<{ kind: string }>(
    ({ kind }) =>
      `The provider failed in a way that may carry unjudged text (${kind}), so its own error was kept back. See it with the option onProviderError.`,
  ),
  PARAPET_ADAPTER_ROUTE_REFUSED: entry<{ route: string }>(
    ({ route }) =>
      `No rule judges what ${route} gives, so the guard refuses it. Name the route in passRoutes, where the adapter has that option, to let it pass unjudged, or call it with an unguarded client.`,
  ),
  PARAPET_ADAPTER_REQUEST_REFUSED: entry<{ feature: string; instead: string }>(
    ({ feature, instead }) =>
      `The request uses ${feature}, which the guard cannot judge and so refuses. ${instead}`,
  ),
  PARAPET_ADAPTER_REQUEST_MALFORMED: entry<{ issue: string }>(
    ({ issue }) => `The request cannot be read: ${issue}. Send it as the API describes it.`,
  ),
  PARAPET_ADAPTER_ANSWER_MALFORMED: entry<{ issue: string }>(
    ({ issue }) =>
      `The provider’s answer cannot be read: ${issue}. What was not judged of it was kept back. Check what answers at the base URL.`,
  ),
  PARAPET_ADAPTER_TOO_LARGE: entry<{ what: 'request' | 'answer'; maxBytes: number }>(
    ({ what, maxBytes }) =>
      `The ${what} is longer than ${maxBytes} bytes, and what is longer is not read. Send less, or raise ${what === 'request' ? 'maxRequestBytes' : 'maxAnswerBytes'}.`,
  ),
  PARAPET_ADAPTER_CLIENT_UNGUARDABLE: entry<{ why: string }>(
    ({ why }) =>
      `The client cannot be guarded: ${why}. Give the guard a client whose requests go through its fetch option.`,
  ),
  PARAPET_ADAPTER_PROVIDER_STALLED: entry<{ stallMs: number }>(
    ({ stallMs }) =>
      `The provider sent nothing for ${stallMs} ms, so its answer was given up and what had not been judged was kept back. Ask again, or raise stallMs.`,
    { retryable: true },
  ),
  PARAPET_ADAPTER_ANSWER_FOREIGN: entry<{ stage: string }>(
    ({ stage }) =>
      `The stored answer has a ${stage} part that this adapter did not store. Resume it with the adapter that held it.`,
  ),
  PARAPET_ADAPTER_TOOL_NOT_JSON: entry<{ stage: 'toolCall' | 'toolResult' }>(
    ({ stage }) =>
      `${stage === 'toolCall' ? 'The arguments of a tool are' : 'The result of a tool is'} no JSON (a cycle, or a big integer), so nothing can judge it. Give plain data.`,
  ),
  PARAPET_ADAPTER_TOOL_WITHHELD: entry<{ decisionId: string }>(
    ({ decisionId }) =>
      `The call of a tool, or its result, was withheld (decision ${decisionId}). Its record says why; onWithheld gets the ticket where a person can still decide.`,
  ),
  PARAPET_ADAPTER_MCP_REFUSED: entry<{ what: string }>(
    ({ what }) =>
      `The guarded MCP client refuses ${what}, because it cannot judge what comes of it. docs/adapters/mcp.md lists what it judges; use the unguarded client where you trust the server.`,
  ),
  PARAPET_ADAPTER_PEER_MISSING: entry<{ peer: string; subpath: string; install: string }>(
    ({ peer, subpath, install }) =>
      `"@parapet/adapters/${subpath}" needs the package "${peer}", which cannot be loaded. Install it: ${install}`,
  ),
  PARAPET_ADAPTER_UNSUPPORTED: entry<{ feature: string; instead: string }>(
    ({ feature, instead }) => `The local model takes no ${feature}. ${instead}`,
  ),
} as const

/** Builds an error of this package: `adapterError('PARAPET_ADAPTER_…', details)`. */
export const adapterError = errorsOf(ADAPTER_ERRORS)
