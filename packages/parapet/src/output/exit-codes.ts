/** What the command's exit status says. Documented in `docs/cli.md`. */
export const EXIT = {
  ok: 0,
  /** The question was not answered, or something is missing or broken. */
  failed: 1,
  /** The command was called wrongly. */
  usage: 2,
  /** A gate: what was measured says neither pass nor fail. The error that a wrong call prints tells the two apart. */
  inconclusive: 2,
  /** `check`: a person would decide. */
  held: 10,
  /** `check`: nothing would pass. */
  blocked: 11,
} as const
