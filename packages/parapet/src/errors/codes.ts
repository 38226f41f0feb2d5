import { entry, errorsOf } from '@parapet/sdk'

export { UNEXPECTED } from './unexpected.ts'

/** The errors of the command. Documented in `docs/errors.md`. */
export const CLI_ERRORS = {
  /** Said by `bin/parapet.js`, which loads nothing before. */
  PARAPET_CLI_NODE_TOO_OLD: entry<{ node: string }>(
    ({ node }) =>
      `This is Node ${node}. Parapet needs Node 22.13 or later: install it, or put it first in PATH.`,
  ),
  PARAPET_CLI_USAGE: entry<{ problem: string; command: string }>(
    ({ problem, command }) => `${problem} See: parapet ${command} --help`,
  ),
  PARAPET_CLI_INPUT_MISSING: entry<{ path: string; fault: string }>(
    ({ path, fault }) =>
      `The file ${path} cannot be read (${fault}). Name a file that exists, or use standard input where the command reads it.`,
  ),
  PARAPET_CLI_LINE_INVALID: entry<{ line: number; problem: string }>(
    ({ line, problem }) =>
      `Line ${line} is not a request: ${problem}. Write one JSON object a line, with "text" or "messages".`,
  ),
  PARAPET_CLI_LINES_FAILED: entry<{ failed: number; total: number; codes: string }>(
    ({ failed, total, codes }) =>
      `${failed} of ${total} lines have no answer: ${codes}. Each says so in its place, under "failed".`,
  ),
  PARAPET_CLI_PATTERN_INVALID: entry<{ index: number; problem: string }>(
    ({ index, problem }) =>
      `The pattern number ${index} (from 0) cannot be used: ${problem}. Write {"label": "…", "regex": "/…/i", "maxCharacters": 100}.`,
  ),
  PARAPET_CLI_POLICY_UNREADABLE: entry<{ path: string; problem: string }>(
    ({ path, problem }) =>
      `The policy in ${path} cannot be used: ${problem}. Give a JSON policy, or a module whose default export is one.`,
  ),
  PARAPET_CLI_QUEUE_MISSING: entry<{ path: string }>(
    ({ path }) =>
      `There is no review queue at ${path}. Name the file that the guard writes, by --queue or in PARAPET_QUEUE.`,
  ),
  PARAPET_CLI_OUTPUT_FAILED: entry<{ path: string; fault: string }>(
    ({ path, fault }) =>
      `The file ${path} cannot be written (${fault}). Name one that does not exist yet, in a folder that can be written.`,
  ),
  PARAPET_CLI_ROW_INVALID: entry<{ problem: string }>(
    ({ problem }) =>
      `The row was not taken: ${problem}. A decision has id, contentDigest and outcome as an export of this queue has them; an item is a line of an export made with --text.`,
  ),
  PARAPET_CLI_ITEM_UNKNOWN: entry<void>(
    () =>
      'The queue holds no item with this id, or none that is in your hands. Items that are there: parapet review list.',
  ),
} as const

/** Builds an error of the command. */
export const cliError = errorsOf(CLI_ERRORS)
