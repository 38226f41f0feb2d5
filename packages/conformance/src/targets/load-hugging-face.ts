import { conformanceError } from '../errors/codes.ts'

type Client = typeof import('@huggingface/inference')

/**
 * Loads the client of Hugging Face, an optional peer.
 * @throws PARAPET_CONFORMANCE_PEER_MISSING with the install line
 */
export async function loadHuggingFace(
  load: () => Promise<Client> = () => import('@huggingface/inference'),
): Promise<Client> {
  try {
    return await load()
  } catch (cause) {
    throw conformanceError(
      'PARAPET_CONFORMANCE_PEER_MISSING',
      { target: 'parapet/huggingface', peers: '@huggingface/inference' },
      { cause },
    )
  }
}
