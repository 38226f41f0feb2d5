import { entry, errorsOf } from '../errors/catalogue.ts'

type Repository = { repository: string }
type Host = { host: string }
const retryable = { retryable: true }

/** The errors of fetching and keeping models. `docs/errors.md` lists the same codes; a test keeps them equal. */
export const HUB_ERRORS = {
  PARAPET_HUB_REFERENCE_INVALID: entry<{ received: string; problem: string }>(
    ({ received, problem }) =>
      `The model "${received}" cannot be named so: ${problem}. Give a folder, the name of an installed package, or hf:owner/name@revision#dtype.`,
  ),
  PARAPET_HUB_OFFLINE: entry<Repository & { revision: string; variant: string }>(
    ({ repository, revision, variant }) =>
      `Model "${repository}" at "${revision}" (${variant}) is not in the cache, and the hub is not asked (offline, or HF_HUB_OFFLINE). Run parapet model pull once with the network.`,
  ),
  PARAPET_HUB_UNREACHABLE: entry<Host & { problem: string }>(
    ({ host, problem }) =>
      `The hub at ${host} cannot be reached or broke off: ${problem}. What was received is kept: try again, or set endpoint (HF_ENDPOINT) to a mirror.`,
    retryable,
  ),
  PARAPET_HUB_RATE_LIMITED: entry<Host>(
    ({ host }) =>
      `The hub at ${host} takes no more requests for now (429). Try again later, or give a token (HF_TOKEN).`,
    retryable,
  ),
  PARAPET_HUB_UNAVAILABLE: entry<Host & { status: number }>(
    ({ host, status }) => `The hub at ${host} answered with status ${status}. Try again later.`,
    retryable,
  ),
  PARAPET_HUB_UNAUTHORIZED: entry<Repository & { status: number }>(
    ({ repository, status }) =>
      `The hub does not show model "${repository}" to this caller (status ${status}): it is private, gated, or not there. Accept its terms on its page and give a token that may read it (HF_TOKEN).`,
  ),
  PARAPET_HUB_NOT_FOUND: entry<Repository & { revision: string }>(
    ({ repository, revision }) =>
      `The hub has no model "${repository}" at "${revision}". Look up the name and the branch, tag or commit on its page.`,
  ),
  PARAPET_HUB_REFUSED: entry<Host & { status: number }>(
    ({ host, status }) =>
      `The hub at ${host} refused the request with status ${status}, and asking again would not change that. Look whether endpoint is the address of a hub.`,
  ),
  PARAPET_HUB_REDIRECT_REFUSED: entry<Host & { problem: string }>(
    ({ host, problem }) =>
      `The hub at ${host} sent the request on to a place that is not followed: ${problem}. Look whether endpoint is the address that you mean.`,
  ),
  PARAPET_HUB_ANSWER_MALFORMED: entry<Host & { problem: string }>(
    ({ host, problem }) =>
      `The answer of the hub at ${host} is not usable: ${problem}. Look whether endpoint is the address of a hub.`,
  ),
  PARAPET_HUB_FILE_MISSING: entry<Repository & { file: string; there: string }>(
    ({ repository, file, there }) =>
      `Model "${repository}" has no usable file "${file}"; it has ${there}. Choose a dtype or a file that is there.`,
  ),
  PARAPET_HUB_TOO_LARGE: entry<Repository & { file: string; bytes: number; limit: string }>(
    ({ repository, file, bytes, limit }) =>
      `Model "${repository}": "${file}" comes to ${bytes} bytes, over ${limit}. Choose a smaller dtype, or raise maxBytes where that is the limit.`,
  ),
  PARAPET_HUB_DIGEST_MISMATCH: entry<Repository & { file: string }>(
    ({ repository, file }) =>
      `Model "${repository}": what was received as "${file}" is not what the hub's listing names by its digest, and was deleted. Try again; if it happens again, the endpoint or a proxy changes files.`,
  ),
  PARAPET_HUB_DISK_FULL: entry<{ neededBytes: number }>(
    ({ neededBytes }) =>
      `The disk of the model cache is full: ${neededBytes} bytes are still to be written. Free space, run parapet model remove, or set cacheFolder (PARAPET_CACHE) to a larger disk.`,
  ),
  PARAPET_HUB_CACHE_UNUSABLE: entry<{ problem: string }>(
    ({ problem }) =>
      `The model cache cannot be used: ${problem}. Set cacheFolder (PARAPET_CACHE) to a folder that this process may write to.`,
  ),
  PARAPET_HUB_LOCK_INVALID: entry<{ problem: string }>(
    ({ problem }) =>
      `The record parapet-model.lock.json beside a model of the cache is not usable: ${problem}. Run parapet model remove and parapet model pull.`,
  ),
}

export type HubErrorCode = keyof typeof HUB_ERRORS

/** Builds an error of the hub out of its code and the details of its message. */
export const hubFault = errorsOf(HUB_ERRORS)
