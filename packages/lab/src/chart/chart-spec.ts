import type { TopLevelSpec } from 'vega-lite'

/** A chart as data, in the grammar of Vega-Lite. Its data stand in it: a chart loads nothing. */
export type ChartSpec = TopLevelSpec

/** One of the charts that stand side by side in another. */
export type ChartPart = Extract<TopLevelSpec, { readonly hconcat: unknown }>['hconcat'][number]
