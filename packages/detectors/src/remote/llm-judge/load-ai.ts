import { fault } from '../../errors/codes.ts'

export type Ai = Pick<typeof import('ai'), 'generateText' | 'Output' | 'APICallError'>

/**
 * Loads `ai`, an optional peer.
 * @throws `PARAPET_DETECTOR_PEER_MISSING` with the install line
 */
export async function loadAi(detector: string, load: () => Promise<Ai> = () => import('ai')): Promise<Ai> {
  try {
    return await load()
  } catch (cause) {
    throw fault(
      'PARAPET_DETECTOR_PEER_MISSING',
      { detector, peer: 'ai', install: 'npm install ai' },
      { cause },
    )
  }
}
