import { proveError } from '../prove/prove-errors.ts'

/**
 * The rasteriser, an optional peer: a native binary that comes inside its package.
 * @throws `PARAPET_LAB_PEER_MISSING` with the install line
 */
export async function loadResvg(): Promise<typeof import('@resvg/resvg-js')> {
  try {
    return await import('@resvg/resvg-js')
  } catch (cause) {
    throw proveError(
      'PARAPET_LAB_PEER_MISSING',
      { peer: '@resvg/resvg-js', install: 'npm install @resvg/resvg-js' },
      { cause },
    )
  }
}
