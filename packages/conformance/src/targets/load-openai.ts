import { conformanceError } from '../errors/codes.ts'

type OpenAi = typeof import('openai')

/**
 * Loads the client of OpenAI, an optional peer.
 * @throws PARAPET_CONFORMANCE_PEER_MISSING with the install line
 */
export async function loadOpenAi(load: () => Promise<OpenAi> = () => import('openai')): Promise<OpenAi> {
  try {
    return await load()
  } catch (cause) {
    throw conformanceError(
      'PARAPET_CONFORMANCE_PEER_MISSING',
      { target: 'parapet/openai', peers: 'openai' },
      { cause },
    )
  }
}
