import { parse } from 'tldts'
import type { Finder } from '../patterns/finder.ts'

/** RFC 5321, 4.5.3.1: 64 characters before the `@`, and 254 in all. */
const MAX_LOCAL_CHARACTERS = 64
const MAX_CHARACTERS = 254

/**
 * What each half of an address is written in: letters of one script, or, where that gives none, of any.
 * In that order, since languages without spaces put their words right beside an address.
 */
const SCRIPTS = ['\\p{Script=Latin}', '\\p{Script=Cyrillic}', '\\p{L}\\p{M}'].map((letters) => ({
  local: new RegExp(`[${letters}\\d](?:[${letters}\\d._%+'-]{0,62}[${letters}\\d_+-])?$`, 'u'),
  domain: new RegExp(
    `(?:[${letters}\\d](?:[${letters}\\d-]{0,61}[${letters}\\d])?\\.){1,8}(?:xn--[a-z0-9-]{2,40}|[${letters}]{2,24})`,
    'uy',
  ),
}))

/** Domains for documentation (RFC 2606, RFC 6761): nobody lives there. */
const RESERVED = /(?:^|\.)(?:example\.(?:com|net|org|edu)|example|test|invalid|localhost)$/i

/**
 * E-mail addresses whose domain ends in a public suffix of the list that `tldts` carries. Not on domains for
 * documentation (`example.com`), and not `git@…`, which names a repository.
 */
export const EMAIL_FINDER: Finder = {
  labels: ['email'],
  maxCharacters: MAX_CHARACTERS,
  source: [...SCRIPTS.flatMap(({ local, domain }) => [local, domain]), RESERVED, MAX_CHARACTERS].join(' '),
  *find(text) {
    for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
      const range = addressAround(text, at)
      yield range ? { label: 'email', ...range } : undefined
    }
  },
}

function addressAround(text: string, at: number): { start: number; end: number } | undefined {
  const domain = domainAt(text, at + 1)
  if (domain === undefined) return undefined
  const before = text.slice(Math.max(0, at - MAX_LOCAL_CHARACTERS), at)
  const local = SCRIPTS.map((script) => script.local.exec(before)?.[0]).find((found) => found !== undefined)
  if (local === undefined || local.includes('..') || local === 'git') return undefined
  const isTooLong = local.length + 1 + domain.length > MAX_CHARACTERS
  return isTooLong ? undefined : { start: at - local.length, end: at + 1 + domain.length }
}

function domainAt(text: string, start: number): string | undefined {
  for (const script of SCRIPTS) {
    script.domain.lastIndex = start
    const domain = script.domain.exec(text)?.[0]
    if (domain === undefined || RESERVED.test(domain)) continue
    const { isIcann, domain: registered } = parse(domain, { validateHostname: false })
    if (isIcann === true && registered !== null) return domain
  }
  return undefined
}
