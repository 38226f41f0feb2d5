import { z } from 'zod'
import { inAttempts } from './attempts.ts'
import { hubFault } from './codes.ts'
import { type HubAnswer, hubFetch } from './hub-fetch.ts'
import type { ResolvedHub } from './hub-options.ts'
import { checkRepositoryPath, type RepositoryFile } from './repository-file.ts'

/** A repository at one commit. */
export interface Repository {
  readonly commit: string
  /** What its card says; `unknown` where it says nothing. */
  readonly licence: string
  readonly files: readonly RepositoryFile[]
}

const MOST_ANSWER_BYTES = 16 * 1024 * 1024
const MOST_PAGES = 50
const MOST_FILES = 20_000

const hex = (length: number) => z.string().regex(new RegExp(`^[0-9a-f]{${length}}$`))
const revisionSchema = z.looseObject({
  sha: hex(40),
  cardData: z.looseObject({ license: z.unknown() }).nullish().catch(undefined),
})
const entrySchema = z.looseObject({
  type: z.string(),
  path: z.string(),
  size: z.int().nonnegative().default(0),
  oid: z.string().default(''),
  lfs: z.looseObject({ oid: hex(64), size: z.int().nonnegative() }).nullish(),
})
const fileSchema = z.object({ oid: hex(40) })

/**
 * Finds the commit that a revision names, and lists the files of that commit with their digests.
 * @throws `PARAPET_HUB_…`, `PARAPET_RUNTIME_ABORTED`
 */
export async function listRepository(hub: ResolvedHub, repo: string, revision: string): Promise<Repository> {
  const { commit, licence } = await findCommit(hub, repo, revision)
  const about = { repository: repo, revision }
  const files: RepositoryFile[] = []
  let page: URL | undefined = apiAddress(hub, repo, 'tree', commit)
  page.searchParams.set('recursive', 'true')
  for (let pages = 0; page !== undefined; pages += 1) {
    const address: URL = page
    const { entries, next, host } = await inAttempts(hub, () =>
      hubFetch(hub, address, about, async (answer) => ({
        entries: await readJson(answer, z.array(entrySchema)),
        next: nextPage(answer, address),
        host: answer.host,
      })),
    )
    files.push(...entries.flatMap((entry) => fileOf(entry, host)))
    if (pages >= MOST_PAGES || files.length > MOST_FILES) {
      const problem = `its list goes on behind ${files.length} files`
      throw hubFault('PARAPET_HUB_ANSWER_MALFORMED', { host, problem })
    }
    page = next
  }
  return { commit, licence, files }
}

/**
 * The commit that a revision names now.
 * @throws `PARAPET_HUB_…`, `PARAPET_RUNTIME_ABORTED`
 */
async function findCommit(
  hub: ResolvedHub,
  repo: string,
  revision: string,
): Promise<{ commit: string; licence: string }> {
  const address = apiAddress(hub, repo, 'revision', revision)
  const about = { repository: repo, revision }
  const { sha, cardData } = await inAttempts(hub, () =>
    hubFetch(hub, address, about, (answer) => readJson(answer, revisionSchema)),
  )
  const licence = cardData?.license
  const told = typeof licence === 'string' && /^[A-Za-z0-9.+-]{1,60}$/.test(licence)
  return { commit: sha, licence: told ? licence : 'unknown' }
}

function apiAddress({ endpoint }: ResolvedHub, repo: string, what: string, revision: string): URL {
  return new URL(`api/models/${repo}/${what}/${encodeURIComponent(revision)}`, endpoint)
}

function fileOf(entry: z.infer<typeof entrySchema>, host: string): RepositoryFile[] {
  const { type, path, size, oid, lfs } = entry
  if (type !== 'file') return []
  const malformed = (problem: string) => hubFault('PARAPET_HUB_ANSWER_MALFORMED', { host, problem })
  if (!checkRepositoryPath(path)) throw malformed('it lists a file whose path leads elsewhere')
  if (lfs) return [{ path, bytes: lfs.size, digest: { kind: 'sha256', hex: lfs.oid } }]
  if (!fileSchema.safeParse({ oid }).success) throw malformed('it lists a file without a digest')
  return [{ path, bytes: size, digest: { kind: 'git-sha1', hex: oid } }]
}

/** The page that the `Link` header names next. It is asked with the token, so only the same list's own pages count. */
function nextPage({ headers, host }: HubAnswer, from: URL): URL | undefined {
  const link = /<([^<>]{1,4096})>\s*;\s*rel="next"/.exec(headers.get('link')?.slice(0, 8192) ?? '')
  if (link === null) return undefined
  const next = URL.parse(link[1] ?? '', from.href)
  if (next !== null && next.origin === from.origin && next.pathname === from.pathname) return next
  throw hubFault('PARAPET_HUB_ANSWER_MALFORMED', { host, problem: 'its next page lies elsewhere' })
}

async function readJson<Schema extends z.ZodType>(
  answer: HubAnswer,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const malformed = (problem: string) =>
    hubFault('PARAPET_HUB_ANSWER_MALFORMED', { host: answer.host, problem })
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of answer.chunks()) {
    bytes += chunk.length
    if (bytes > MOST_ANSWER_BYTES) throw malformed(`it is longer than ${MOST_ANSWER_BYTES} bytes`)
    chunks.push(chunk)
  }
  let value: unknown
  try {
    value = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw malformed('it is not JSON')
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw malformed(`it has another form at "${parsed.error.issues[0]?.path.join('.').slice(0, 60) ?? ''}"`)
}
