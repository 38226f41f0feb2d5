import { fault } from '../../errors/codes.ts'

type Inference = Pick<typeof import('@huggingface/inference'), 'textClassification'>

/**
 * Loads `@huggingface/inference`, an optional peer.
 * @throws `PARAPET_DETECTOR_PEER_MISSING` with the install line
 */
export async function loadInference(
  detector: string,
  load: () => Promise<Inference> = () => import('@huggingface/inference'),
): Promise<Inference> {
  try {
    return await load()
  } catch (cause) {
    const peer = '@huggingface/inference'
    throw fault(
      'PARAPET_DETECTOR_PEER_MISSING',
      { detector, peer, install: `npm install ${peer}` },
      { cause },
    )
  }
}
