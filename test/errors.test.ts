import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, test } from '@jest/globals'

const ROOT = dirname(import.meta.dirname)
const DOCS = join(ROOT, 'docs/errors.md')
/** Variables of the environment look like codes. */
const VARIABLES: readonly string[] = ['PARAPET_RECORD_KEY', 'PARAPET_SERVER_KEYS', 'PARAPET_UPSTREAM_KEY']
const CODE = /^PARAPET(_[A-Z0-9]+){2,}$/

/** What a catalogue says of a code: a text, or the function that builds the message. */
type Entry = string | { readonly message: (details: unknown) => string }

interface Documented {
  readonly meaning: string
  readonly wayOut: string
}

/** package → code → entry */
const catalogues = new Map<string, Map<string, Entry>>()
/** package → code → row */
const documented = new Map<string, Map<string, Documented>>()

/** Any export of a `codes.ts` whose keys are all codes is a catalogue. */
async function readCatalogues(path: string): Promise<void> {
  const { name } = JSON.parse(
    readFileSync(join(ROOT, path.split('/src/')[0] ?? '', 'package.json'), 'utf8'),
  ) as { name: string }
  const entries = catalogues.get(name) ?? new Map<string, Entry>()
  const exported = (await import(pathToFileURL(join(ROOT, path)).href)) as Record<string, unknown>
  for (const value of Object.values(exported)) {
    if (typeof value !== 'object' || value === null) continue
    const pairs = Object.entries(value) as [string, Entry][]
    if (pairs.every(([code]) => CODE.test(code))) for (const [code, entry] of pairs) entries.set(code, entry)
  }
  catalogues.set(name, entries)
}

/** A heading per package, and under it rows: | <a id="code"></a>`CODE` | what it means | way out | */
function readDocs(text: string): void {
  let rows = new Map<string, Documented>()
  for (const line of text.split('\n')) {
    const heading = /^## `?([^`\s]+)`?$/.exec(line)
    if (heading !== null) {
      rows = new Map()
      documented.set(heading[1] ?? '', rows)
    }
    const row = /^\| <a id="([^"]*)"><\/a>`(PARAPET_\w+)` \| (.*?) \| (.*?) \|$/.exec(line)
    if (row === null) {
      if (/^\|.*PARAPET_/.test(line)) throw new Error(`docs/errors.md: this row has another shape: ${line}`)
      continue
    }
    const [, anchor, code = '', meaning = '', wayOut = ''] = row
    if (anchor !== code.toLowerCase())
      throw new Error(`docs/errors.md: the anchor of ${code} is its code in small letters`)
    if (rows.has(code)) throw new Error(`docs/errors.md has two rows for ${code}`)
    rows.set(code, { meaning, wayOut })
  }
}

/** A row to paste and to edit: the message with its details' names, its first sentence parted from the rest. */
function rowFor(code: string, entry: Entry): string {
  const details: object = new Proxy({}, { get: (_target, key) => `‹${String(key)}›` })
  let message = ''
  try {
    message = typeof entry === 'string' ? entry : entry.message(details)
  } catch {
    // A message that computes with its details cannot be built from their names alone: write it by hand.
  }
  const [first = '', ...rest] = message.replaceAll('|', '\\|').split(/(?<=[.!?]) (?=[A-Z])/)
  return `| <a id="${code.toLowerCase()}"></a>\`${code}\` | ${first} | ${rest.join(' ')} |`
}

beforeAll(async () => {
  for (const path of globSync('packages/*/src/**/codes.ts', { cwd: ROOT }).sort()) await readCatalogues(path)
  if (existsSync(DOCS)) readDocs(readFileSync(DOCS, 'utf8'))
})

describe('the error catalogues', () => {
  test('are found, each with codes', () => {
    expect(catalogues.size).toBeGreaterThanOrEqual(3)
    expect([...catalogues].filter(([, entries]) => entries.size === 0).map(([name]) => name)).toEqual([])
  })

  test('share no code', () => {
    const codes = [...catalogues.values()].flatMap((entries) => [...entries.keys()])

    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([])
  })

  test('hold every code that the sources name', () => {
    const known = new Set([...catalogues.values()].flatMap((entries) => [...entries.keys()]))
    const sources = globSync('packages/*/{src,bin}/**/*.{ts,js}', { cwd: ROOT }).filter(
      (path) => !/\.test(-d)?\.ts$/.test(path),
    )
    const unknown = new Map<string, string>()
    for (const path of sources) {
      const named = readFileSync(join(ROOT, path), 'utf8').matchAll(/['"`](PARAPET(?:_[A-Z0-9]+){2,})['"`]/g)
      for (const [, code = ''] of named) {
        if (!known.has(code) && !VARIABLES.includes(code)) unknown.set(code, path)
      }
    }

    expect(sources.length).toBeGreaterThan(20)
    expect(Object.fromEntries(unknown)).toEqual({})
  })
})

describe('docs/errors.md', () => {
  test('has a row for each code, under its package', () => {
    const missing = [...catalogues].flatMap(([name, entries]) => {
      const rows = [...entries]
        .filter(([code]) => !documented.get(name)?.has(code))
        .map(([code, entry]) => rowFor(code, entry))
      return rows.length === 0 ? [] : [`under "## \`${name}\`":`, ...rows]
    })
    if (missing.length > 0)
      throw new Error(
        `docs/errors.md lacks these rows. Paste them, and mend their words:\n\n${missing.join('\n')}\n`,
      )

    expect(documented.size).toBeGreaterThanOrEqual(catalogues.size)
  })

  test('has no row for a code that is gone', () => {
    const gone = [...documented].flatMap(([name, rows]) =>
      [...rows.keys()].filter((code) => !catalogues.get(name)?.has(code)).map((code) => `${name}: ${code}`),
    )

    expect(gone).toEqual([])
  })

  test('says for each code what it means and the way out', () => {
    const empty = [...documented.values()].flatMap((rows) =>
      [...rows]
        .filter(([, { meaning, wayOut }]) => meaning.trim() === '' || wayOut.trim() === '')
        .map(([code]) => code),
    )

    expect(documented.size).toBeGreaterThan(0)
    expect(empty).toEqual([])
  })
})
