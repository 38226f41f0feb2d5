import { access, constants, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { openRasteriser, type Proof, refusalChart, renderSvg } from '@parapet/lab'
import { usage } from '../../command.ts'
import { cliError } from '../../errors/codes.ts'

/**
 * Makes what writes the chart of a proof. That the place can be written is found out before the run, not after it.
 * @throws PARAPET_CLI_USAGE, PARAPET_CLI_OUTPUT_FAILED
 */
export async function chartWriter(path: string | undefined): Promise<(proof: Proof) => Promise<void>> {
  if (path === undefined) return async () => {}
  const png = path.endsWith('.png')
  if (!png && !path.endsWith('.svg'))
    throw usage('prove', '--chart takes a file whose name ends in .svg or .png.')
  const failed = (cause: unknown) =>
    cliError(
      'PARAPET_CLI_OUTPUT_FAILED',
      { path, fault: (cause as NodeJS.ErrnoException).code ?? 'unwritable' },
      { cause },
    )
  await access(dirname(path), constants.W_OK).catch((cause: unknown) => {
    throw failed(cause)
  })
  const rasterise = png ? await openRasteriser() : undefined
  return async (proof) => {
    const svg = await renderSvg(refusalChart(proof))
    await writeFile(path, rasterise ? rasterise(svg) : svg).catch((cause: unknown) => {
      throw failed(cause)
    })
  }
}
