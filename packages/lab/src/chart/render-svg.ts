import type { ChartSpec } from './chart-spec.ts'

/**
 * Renders a chart to SVG, without a browser: Vega-Lite and Vega, loaded when the first chart is drawn. What a chart may load (data by address,
 * images) is refused, so a label that a stranger wrote cannot reach the network or the disk; text stands escaped. Links
 * and images are none of its marks.
 */
export async function renderSvg(spec: ChartSpec): Promise<string> {
  const vega = await import('vega')
  const { compile } = await import('vega-lite')
  const refused = async (): Promise<never> => {
    throw new TypeError('A chart loads nothing: put the data into it.')
  }
  const loader = { ...vega.loader(), load: refused, sanitize: refused, http: refused, file: refused }
  const view = new vega.View(vega.parse(compile(spec).spec), {
    renderer: 'none',
    loader,
    logLevel: vega.None,
  })
  try {
    return `${await view.toSVG()}\n`
  } finally {
    view.finalize()
  }
}
