import { describe, expect, it } from '@jest/globals'
import type { Break } from './break.ts'
import { FIRST_PREVIOUS } from './chain.ts'
import { ChainRuns } from './chain-runs.ts'
import type { DecisionRecord } from './decision-record.ts'

const record = (writer: string, sequence: number): DecisionRecord => ({
  kind: 'torn-line',
  bytes: 1,
  digest: `sha256:${FIRST_PREVIOUS}`,
  schema: 'parapet.record/1',
  writer,
  sequence,
  at: 0,
  previous: FIRST_PREVIOUS,
  hash: FIRST_PREVIOUS,
})

describe('ChainRuns', () => {
  it('keeps one run for a chain, however long it is', () => {
    const breaks: Break[] = []
    const runs = new ChainRuns([], (found) => breaks.push(found))
    for (let sequence = 0; sequence < 300_000; sequence++)
      runs.add(record('w', sequence), { file: 'a', line: sequence + 1, intact: true })
    runs.finish()

    expect(runs.full).toBe(false)
    expect(breaks).toEqual([])
    expect(runs.heads()).toEqual([{ writer: 'w', sequence: 299_999, hash: FIRST_PREVIOUS }])
  })

  it('is full before a log that is broken everywhere fills the memory', () => {
    const runs = new ChainRuns([], () => undefined)
    let line = 0
    while (!runs.full && line < 1_000_000)
      runs.add(record('w', 2 * line), { file: 'a', line: ++line, intact: true })

    expect(line).toBe(200_000)
  })
})
