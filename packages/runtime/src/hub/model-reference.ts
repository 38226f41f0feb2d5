import { shownName } from '../errors/shown-name.ts'
import { hubFault } from './codes.ts'
import { DTYPES, type Dtype } from './dtype.ts'

/** What the name of a model stands for. */
export type ModelReference =
  | { readonly kind: 'local'; readonly name: string }
  | {
      readonly kind: 'hub'
      /** `owner/name`, or a bare name of the hub's early models. */
      readonly repo: string
      /** A branch, a tag or a commit; `undefined` where the reference names none. */
      readonly revision: string | undefined
      readonly dtype: Dtype | undefined
    }

const HUB_PREFIX = 'hf:'
const LONGEST_NAME = 96
const NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?$/
const REVISION = /^[A-Za-z0-9_](?:[A-Za-z0-9._/-]{0,198}[A-Za-z0-9_])?$/

/**
 * Reads `hf:owner/name@revision#dtype`, where `@revision` and `#dtype` may be left out. Anything else is a folder or
 * the name of an installed package.
 * @throws `PARAPET_HUB_REFERENCE_INVALID`
 */
export function parseModelReference(reference: string): ModelReference {
  if (!reference.startsWith(HUB_PREFIX)) return { kind: 'local', name: reference }
  const [, repo = '', revision, dtype] =
    /^([^@#]*)(?:@([^#]*))?(?:#(.*))?$/s.exec(reference.slice(HUB_PREFIX.length)) ?? []
  if (dtype !== undefined && !isDtype(dtype)) {
    throw invalid(reference, `behind # stands one of ${DTYPES.join(', ')}`)
  }
  return {
    kind: 'hub',
    repo: checkRepository(repo),
    revision: revision === undefined ? undefined : checkRevision(revision),
    dtype,
  }
}

/** @throws `PARAPET_HUB_REFERENCE_INVALID` */
export function checkRepository(repo: string): string {
  const names = repo.split('/')
  const valid = names.every(
    (name) => NAME.test(name) && name.length <= LONGEST_NAME && !/--|\.\.|\.git$/.test(name),
  )
  if (valid && names.length <= 2) return repo
  throw invalid(repo, 'a repository is owner/name, of letters, digits, single . and -, and _')
}

/** @throws `PARAPET_HUB_REFERENCE_INVALID` */
export function checkRevision(revision: string): string {
  if (REVISION.test(revision) && !/\.\.|\/\//.test(revision)) return revision
  throw invalid(revision, 'a revision is a branch, a tag or a commit, of letters, digits, ., _, - and /')
}

/** A commit's full name: it always means the same files. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision)
}

function isDtype(text: string): text is Dtype {
  return (DTYPES as readonly string[]).includes(text)
}

function invalid(received: string, problem: string): Error {
  return hubFault('PARAPET_HUB_REFERENCE_INVALID', { received: shownName(received), problem })
}
