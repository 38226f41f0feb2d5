import { proveError } from '../prove/prove-errors.ts'
import { loadResvg } from './load-resvg.ts'

/** Pixels of the image for each of the chart's: sharp on a dense screen. */
const ZOOM = 2

const PROBE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text x="4" y="30" font-family="sans-serif" font-size="24">W</text></svg>'

/**
 * Opens what turns a chart's SVG into PNG. It writes with the fonts of the system; where there are none, a chart would
 * come out without its words and numbers, and is refused.
 * @throws `PARAPET_LAB_PEER_MISSING`, `PARAPET_LAB_FONT_MISSING`
 */
export async function openRasteriser(): Promise<(svg: string) => Uint8Array> {
  const { Resvg } = await loadResvg()
  const font = { loadSystemFonts: true, defaultFontFamily: 'sans-serif' }
  const render = (svg: string, zoom: number) =>
    new Resvg(svg, { font, fitTo: { mode: 'zoom', value: zoom } }).render()
  const { pixels } = render(PROBE, 1)
  if (pixels.every((value) => value === 0)) throw proveError('PARAPET_LAB_FONT_MISSING', undefined)
  return (svg) => render(svg, ZOOM).asPng()
}
