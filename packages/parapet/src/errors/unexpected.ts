/** Apart from the catalogue, which needs the sdk: this is what is left to say when that cannot be loaded. */
export const UNEXPECTED = {
  PARAPET_CLI_UNEXPECTED: 'Something failed that has no code of ours.',
} as const

/** Run it again with `--debug` for more: a foreign message may quote what was read, so it is not printed. */
export const UNEXPECTED_HINT = 'Run it again with --debug for the stack, and report it.'
