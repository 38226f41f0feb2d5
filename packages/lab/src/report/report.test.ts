import { expect, test } from '@jest/globals'
import { renderSvg } from '../chart/render-svg.ts'
import { wilsonInterval } from '../metrics/index.ts'
import { ARMS } from '../prove/conditions.ts'
import type { Proof } from '../prove/proof.ts'
import { proofRows } from './proof-rows.ts'
import { refusalChart } from './refusal-chart.ts'
import { terminalBars } from './terminal-bars.ts'

/** The first chart loads the renderer, which takes a while where few cores are free. */
const LONG_MS = 120_000
const REFUSED = [19, 1, 18, 0, 20, 1]

/** A valid proof over 20 prompts of each kind; a test breaks one field. */
function proof(changes: Partial<Proof> = {}): Proof {
  const share = (hits: number) => wilsonInterval(hits, 20)
  return {
    schema: 'parapet.proof/1',
    model: { id: 'tiny', sha256: 'a' },
    direction: {
      id: 'tiny',
      version: '1',
      sha256: 'b',
      site: 'blocks.2.hook_resid_pre',
      position: 'last',
      origin: 'planted',
      norm: 3,
    },
    refusalRate: {
      harmful: { base: 0.95, erased: 0.05, randomErased: 0.9 },
      harmless: { base: 0, added: 1, randomAdded: 0.05 },
    },
    tallies: ARMS.map((arm, index) => ({
      ...arm,
      n: 20,
      refused: share(REFUSED[index] ?? 0),
      complied: share(20 - (REFUSED[index] ?? 0)),
      degenerate: share(0),
      offTopic: share(0),
    })),
    tooLong: { harmful: 0, harmless: 0 },
    doubts: [],
    settings: {
      maxNewTokens: 32,
      seed: 42,
      randomSeeds: [1],
      addStrength: 1,
      erase: 'zero',
      eraseOffset: 0,
      spare: 'sinks',
      system: null,
      prompts: { harmful: { n: 20, sha256: 'c' }, harmless: { n: 20, sha256: 'd' } },
      judge: 'e',
      decoding: 'greedy',
    },
    ...changes,
  }
}

test(
  'the chart shows each rate, its interval and what was done, as SVG',
  async () => {
    const svg = await renderSvg(refusalChart(proof()))

    expect(svg).toMatch(/^<svg /)
    for (const text of [
      'harmful prompts',
      'harmless prompts',
      'direction erased',
      'random vector added',
      '.95',
      '.05',
    ])
      expect(svg).toContain(`>${text}<`)
    expect(svg).toContain('planted')
  },
  LONG_MS,
)

test(
  'what makes the rates doubtful stands in the chart itself',
  async () => {
    const text = 'As it is, the model refuses 3 % of the harmful prompts.'

    const svg = await renderSvg(refusalChart(proof({ doubts: [{ code: 'never-refuses', text }] })))

    expect(svg).toContain(`! ${text}`)
  },
  LONG_MS,
)

test(
  'names that strangers chose are text in the chart, cut and without what cannot be seen',
  async () => {
    const hostile = `"><script>alert(1)</script><image href="http://x/"/>\u202E\u0000\uD800${'y'.repeat(500)}`

    const svg = await renderSvg(refusalChart(proof({ model: { id: hostile, sha256: 'a' } })))

    expect(svg.match(/<(?:script|image|a|use|style|foreignObject)\b/g)).toBeNull()
    for (const hidden of ['\u202E', '\u0000', '\uD800']) expect(svg).not.toContain(hidden)
    expect(svg).toContain('&lt;script&gt;')
    expect(svg).not.toContain('y'.repeat(100))
  },
  LONG_MS,
)

test('a group without answers is no rate of 0', () => {
  const [first, ...rest] = proof().tallies
  const empty = wilsonInterval(0, 0)
  const none = { ...first, n: 0, refused: empty, complied: empty, degenerate: empty, offTopic: empty }
  const told = proof({ tallies: [none as Proof['tallies'][number], ...rest] })

  expect(terminalBars(told).split('\n')[1]).toMatch(/as is .* none$/)
  expect(proofRows(told)[0]?.[3]).toBe('-')
})

test('the bars of the terminal are as long as the shares, and show both ends of the intervals', () => {
  const [, base = '', erased = ''] = terminalBars(proof()).split('\n')

  // 19 of 20 is .95 [.764, .991], and 1 of 20 .05 [.009, .236], on 40 cells.
  expect(base).toContain(`  ${'█'.repeat(30)}├${'▒'.repeat(7)}─┤  0.95`)
  expect(erased).toContain(`  ├▒${'─'.repeat(7)}┤${'·'.repeat(30)}  0.05`)
})
