import type { ChartSpec } from '../chart/chart-spec.ts'
import { chartText } from '../chart/chart-text.ts'
import { CONDITION_WORDS } from '../prove/conditions.ts'
import type { Proof } from '../prove/proof.ts'

/** Colours that stay apart for the colour-blind (Okabe and Ito 2008). */
const COLOURS = { refused: '#0072B2', degenerate: '#999999', 'off-topic': '#E69F00' } as const
const MOST_DOUBTS = 4
const LINE_CHARACTERS = 92

/**
 * The chart of a proof: for harmful and for harmless prompts, the share of answers that refuse under each condition, with
 * 95 % intervals, and beside it the shares that are broken or off the topic. What makes the rates doubtful stands above it.
 */
export function refusalChart(proof: Proof): ChartSpec {
  const { model, direction, doubts, tallies } = proof
  const values = tallies.flatMap((tally) =>
    (
      [
        ['refused', tally.refused],
        ['degenerate', tally.degenerate],
        ['off-topic', tally.offTopic],
      ] as const
    ).map(([what, { share, low, high }]) => ({
      prompts: `${tally.kind} prompts`,
      condition: CONDITION_WORDS[tally.condition],
      what,
      share,
      low,
      high,
      label: share.toFixed(2).replace(/^0/, ''),
    })),
  )
  const title = `${chartText(model.id)}: refusals with the direction erased and added`
  const made = `${chartText(direction.id)} at ${direction.site}, ${direction.origin}; ${tallies[0]?.n ?? 0} harmful and ${tallies[3]?.n ?? 0} harmless prompts, greedy, 95 % intervals`
  const subtitle = [made, ...doubts.slice(0, MOST_DOUBTS).map(({ text }) => `! ${text}`)].flatMap(wrapped)
  const order = Object.values(CONDITION_WORDS)
  const x = { field: 'condition', type: 'nominal', sort: order, title: null, axis: { labelAngle: 0, labelLimit: 160 } } as const
  const y = { field: 'share', type: 'quantitative', scale: { domain: [0, 1] }, title: 'share of answers' } as const
  const xOffset = { field: 'what', type: 'nominal', sort: Object.keys(COLOURS) } as const
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    title: { text: title, subtitle, anchor: 'start', subtitlePadding: 4 },
    data: { values },
    facet: { column: { field: 'prompts', type: 'nominal', title: null, header: { labelFontSize: 13 } } },
    resolve: { scale: { x: 'independent' } },
    spec: {
      width: 400,
      height: 260,
      encoding: { x, xOffset },
      layer: [
        {
          mark: { type: 'bar' },
          encoding: {
            y,
            color: {
              field: 'what',
              type: 'nominal',
              scale: { domain: Object.keys(COLOURS), range: Object.values(COLOURS) },
              title: null,
            },
          },
        },
        { mark: { type: 'rule', color: '#333' }, encoding: { y: { ...y, field: 'low' }, y2: { field: 'high' } } },
        {
          mark: { type: 'text', dy: -6, baseline: 'bottom', fontSize: 11 },
          encoding: { y: { ...y, field: 'high' }, text: { field: 'label', type: 'nominal' } },
        },
      ],
    },
  }
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
