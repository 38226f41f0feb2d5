/** What the command's exit status says. Documented in `docs/cli.md`. */
export const EXIT = {
  ok: 0,
  /** The question was not answered, or something is missing or broken. */
  failed: 1,
  /** The command was called wrongly. */
  usage: 2,
  /** `prove` with bars: the interval of a measurement straddles its bar. */
  inconclusive: 2,
  /** `check`: a person would decide. */
  held: 10,
  /** `check`: nothing would pass. */
  blocked: 11,
} as const
