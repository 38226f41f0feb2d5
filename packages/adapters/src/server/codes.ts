import { entry, errorsOf } from '@parapet/sdk'

/** What the server answers when it does not answer the question, and why it does not start. */
export const SERVER_ERRORS = {
  PARAPET_SERVER_OPTIONS: entry<{ problems: readonly string[] }>(
    ({ problems }) =>
      `The server's options are not usable: ${problems.join('; ')}. docs/serve.md lists every option and its range.`,
  ),
  PARAPET_SERVER_KEYS_INVALID: entry<{ line: number; problem: string }>(
    ({ line, problem }) =>
      `Line ${line} of the keys is not usable: ${problem}. Write a tenant, a space and a key of at least 24 characters on each line.`,
  ),
  PARAPET_SERVER_OPEN: entry<{ host: string }>(
    ({ host }) =>
      `The server would listen on ${host} and let everybody in: it has no keys. Give it keys, or listen on 127.0.0.1.`,
  ),
  PARAPET_SERVER_LISTEN_FAILED: entry<{ host: string; port: number; fault: string }>(
    ({ host, port, fault }) =>
      `The server cannot listen on ${host}, port ${port} (${fault}). Choose a free port, and an address of this machine.`,
  ),
  PARAPET_SERVER_UNAUTHORIZED: entry<void>(
    () =>
      'The request carries no key that this server knows. Send one as "Authorization: Bearer …", "x-api-key" or "x-parapet-key".',
  ),
  PARAPET_SERVER_HOST_REFUSED: entry<void>(
    () =>
      'The Host header names another machine, and a server without keys answers this one alone. Ask for localhost, or give the server keys.',
  ),
  PARAPET_SERVER_ROUTE_UNKNOWN: entry<void>(
    () => 'There is no such route, or it takes another method. GET /openapi.json lists them.',
  ),
  PARAPET_SERVER_CONTENT_TYPE: entry<{ expected: string }>(
    ({ expected }) =>
      `The body is of another type. Send ${expected}, in UTF-8 and without a content encoding.`,
  ),
  PARAPET_SERVER_BODY_TOO_LARGE: entry<{ maxBodyBytes: number }>(
    ({ maxBodyBytes }) => `The body has more than ${maxBodyBytes} bytes. Send less, or raise maxBodyBytes.`,
  ),
  PARAPET_SERVER_BODY_TIMEOUT: entry<{ bodyTimeoutMs: number }>(
    ({ bodyTimeoutMs }) =>
      `The body did not arrive within ${bodyTimeoutMs} ms. Send it again, without a pause.`,
    { retryable: true },
  ),
  PARAPET_SERVER_BODY_INVALID: entry<{ problems: readonly string[] }>(
    ({ problems }) => `The body is not what this route takes: ${problems.join('; ')}. See GET /openapi.json.`,
  ),
  PARAPET_SERVER_BUSY: entry<{ most: number; option: 'maxConcurrent' | 'maxConcurrentPerTenant' }>(
    ({ most, option }) =>
      `The server is at work on ${most} requests, as many as ${option} lets it. Try again in a second, or raise ${option}.`,
    { retryable: true },
  ),
  PARAPET_SERVER_STOPPING: entry<void>(
    () => 'The server is stopping and takes nothing new. Send the request again: another copy answers.',
    { retryable: true },
  ),
  PARAPET_SERVER_TIMEOUT: entry<{ requestTimeoutMs: number }>(
    ({ requestTimeoutMs }) =>
      `The request took longer than ${requestTimeoutMs} ms and was given up. Send less, or raise requestTimeoutMs.`,
    { retryable: true },
  ),
  PARAPET_SERVER_FAILED: entry<void>(
    () => 'The server failed in a way that has no code of ours. The operator’s onFault has the error.',
  ),
  PARAPET_SERVER_UPSTREAM_MISSING: entry<void>(
    () => 'This route passes requests on, and the server has no upstream. Start it with one: --upstream URL.',
  ),
  PARAPET_SERVER_UPSTREAM_FAILED: entry<{ fault: string }>(
    ({ fault }) => `The upstream gave no usable answer (${fault}). Try again, and look at the upstream.`,
    { retryable: true },
  ),
  PARAPET_SERVER_UNSUPPORTED: entry<{ feature: string; instead: string }>(
    ({ feature, instead }) => `This route takes no ${feature}, because it cannot be judged. ${instead}`,
  ),
} as const

/** Builds an error of the server. */
export const serverError = errorsOf(SERVER_ERRORS)
