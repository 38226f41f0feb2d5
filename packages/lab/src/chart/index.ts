export type { ChartSpec } from './chart-spec.ts'
export { chartText } from './chart-text.ts'
export { openRasteriser } from './open-rasteriser.ts'
export { renderSvg } from './render-svg.ts'
