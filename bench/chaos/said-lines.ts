/** What a process was told, as it prints it: a word, the item and what else there is, with spaces between. */
export const SAID = {
  enqueued: (id: string, key: string, digest: string) => `enqueued ${id} ${key} ${digest}`,
  /** `at` is when the process was told, `until` when its lease ends, both in milliseconds since the epoch. */
  claimed: (id: string, claim: { readonly token: string; readonly at: number; readonly until: number }) =>
    `claimed ${id} ${claim.token} ${claim.at} ${claim.until}`,
  /** `notice` is the webhook's id. */
  told: (notice: string, id: string, type: string) => `told ${notice} ${id} ${type}`,
  decided: (id: string, outcome: string, token: string) => `decided ${id} ${outcome} ${token}`,
}
