import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { QUEUE_ERRORS } from './errors.ts'

const DOCS = readFileSync(new URL('../../../../docs/review.md', import.meta.url), 'utf8')

describe('QUEUE_ERRORS', () => {
  it('has a row in the docs for each code, and no other, with the same word on trying again', () => {
    const rows = DOCS.matchAll(/^\| `(PARAPET_QUEUE_\w+)` \| (.*) \|/gm)
    const documented = [...rows].map(([, code = '', row = '']) => [code, row.includes('(retryable)')])

    const known = Object.entries(QUEUE_ERRORS).map(([code, { retryable }]) => [code, retryable])
    expect(documented.sort()).toEqual(known.sort())
  })
})
