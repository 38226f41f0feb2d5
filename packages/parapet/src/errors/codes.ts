import { entry, errorsOf } from '@parapet/sdk'

/** The errors of the command. Documented in `docs/errors.md`. */
export const CLI_ERRORS = {
  PARAPET_CLI_USAGE: entry<{ problem: string; command: string }>(
    ({ problem, command }) => `${problem} See: parapet ${command} --help`,
  ),
  PARAPET_CLI_INPUT_MISSING: entry<{ path: string; fault: string }>(
    ({ path, fault }) =>
      `The file ${path} cannot be read (${fault}). Name a file that exists, or use standard input.`,
  ),
  PARAPET_CLI_LINE_INVALID: entry<{ line: number; problem: string }>(
    ({ line, problem }) =>
      `Line ${line} is not a request: ${problem}. Write one JSON object a line, with "text" or "messages".`,
  ),
  PARAPET_CLI_POLICY_UNREADABLE: entry<{ path: string; problem: string }>(
    ({ path, problem }) =>
      `The policy in ${path} cannot be used: ${problem}. Give a JSON policy, or a module whose default export is one.`,
  ),
  PARAPET_CLI_LINES_FAILED: entry<{ failed: number; total: number }>(
    ({ failed, total }) =>
      `${failed} of ${total} lines have no answer. Each says why in its place, under "failed".`,
  ),
} as const

/** Builds an error of the command. */
export const cliError = errorsOf(CLI_ERRORS)
