import { conformanceError } from '../errors/codes.ts'

type Client = typeof import('@anthropic-ai/sdk')

/**
 * Loads the client of Anthropic, an optional peer.
 * @throws PARAPET_CONFORMANCE_PEER_MISSING with the install line
 */
export async function loadAnthropic(
  load: () => Promise<Client> = () => import('@anthropic-ai/sdk'),
): Promise<Client> {
  try {
    return await load()
  } catch (cause) {
    throw conformanceError(
      'PARAPET_CONFORMANCE_PEER_MISSING',
      { target: 'parapet/anthropic', peers: '@anthropic-ai/sdk' },
      { cause },
    )
  }
}
