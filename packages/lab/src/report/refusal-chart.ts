import type { ChartPart, ChartSpec } from '../chart/chart-spec.ts'
import { chartText } from '../chart/chart-text.ts'
import { CONDITION_WORDS, CONDITIONS, type PromptKind } from '../prove/conditions.ts'
import type { Proof } from '../prove/proof.ts'
import type { Tally } from '../prove/tally-answers.ts'

/** Colours that stay apart for the colour-blind (Okabe and Ito 2008). */
const COLOURS = ['#0072B2', '#999999', '#E69F00']
const WHAT = ['refused', 'broken text', 'off the topic']
const MOST_DOUBTS = 4
const LINE_CHARACTERS = 140

/**
 * The chart of a proof: for harmful and for harmless prompts, the share of answers that refuse under each condition, with
 * 95 % intervals, and beside it the shares that are broken or off the topic. What makes the rates doubtful stands above it.
 */
export function refusalChart(proof: Proof): ChartSpec {
  const { model, direction, doubts, tallies } = proof
  const title = `${chartText(model.id)}: refusals with the direction erased and added`
  const made = `${chartText(direction.id)} at ${direction.site}, ${direction.origin}; ${tallies[0]?.n ?? 0} harmful and ${tallies[3]?.n ?? 0} harmless prompts, greedy, 95 % intervals`
  const subtitle = [made, ...doubts.slice(0, MOST_DOUBTS).map(({ text }) => `! ${text}`)].flatMap(wrapped)
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    title: { text: title, subtitle, anchor: 'start', subtitlePadding: 4 },
    hconcat: (['harmful', 'harmless'] as const).map((kind) =>
      barsOf(
        kind,
        tallies.filter((tally) => tally.kind === kind),
      ),
    ),
  }
}

/** The bars of one kind of prompts: a group for each condition. */
function barsOf(kind: PromptKind, tallies: readonly Tally[]) {
  const values = tallies.flatMap(({ condition, refused, degenerate, offTopic }) =>
    [refused, degenerate, offTopic].map(({ share, low, high }, index) => ({
      condition: CONDITION_WORDS[condition],
      what: WHAT[index],
      share,
      low,
      high,
      label: share.toFixed(2).replace(/^0/, ''),
    })),
  )
  const x = {
    field: 'condition',
    type: 'nominal',
    sort: CONDITIONS[kind].map((condition) => CONDITION_WORDS[condition]),
    title: null,
    axis: { labelAngle: 0, labelLimit: 0 },
  } as const
  const xOffset = { field: 'what', type: 'nominal', sort: WHAT } as const
  const scale = { domain: [0, 1] }
  const y = { type: 'quantitative', scale, title: 'share of answers' } as const
  const colour = {
    field: 'what',
    type: 'nominal',
    scale: { domain: WHAT, range: COLOURS },
    title: null,
  } as const
  return {
    title: `${kind} prompts`,
    width: 440,
    height: 260,
    data: { values },
    layer: [
      { mark: { type: 'bar' }, encoding: { x, xOffset, y: { ...y, field: 'share' }, color: colour } },
      {
        mark: { type: 'rule', color: '#333', aria: false },
        encoding: { x, xOffset, y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
      {
        mark: { type: 'text', aria: false, dy: -4, baseline: 'bottom', fontSize: 11 },
        encoding: { x, xOffset, y: { ...y, field: 'high' }, text: { field: 'label', type: 'nominal' } },
      },
    ],
  } satisfies ChartPart
}

/** A line of text in pieces that fit under the title. */
function wrapped(line: string): string[] {
  const pieces: string[] = []
  let piece = ''
  for (const word of line.split(' ')) {
    if (piece.length + word.length > LINE_CHARACTERS && piece !== '') {
      pieces.push(piece)
      piece = '  '
    }
    piece += piece.trim() === '' ? word : ` ${word}`
  }
  return [...pieces, piece]
}
