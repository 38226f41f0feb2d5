import { conformanceError } from '../errors/codes.ts'

type Ai = typeof import('ai')
type Provider = typeof import('@ai-sdk/openai-compatible')

/**
 * Loads the AI SDK and its OpenAI-compatible provider, optional peers.
 * @throws PARAPET_CONFORMANCE_PEER_MISSING with the install line
 */
export async function loadAi(
  load: () => Promise<[Ai, Provider]> = () =>
    Promise.all([import('ai'), import('@ai-sdk/openai-compatible')]),
): Promise<Ai & Provider> {
  try {
    const [ai, provider] = await load()
    return { ...ai, ...provider }
  } catch (cause) {
    throw conformanceError(
      'PARAPET_CONFORMANCE_PEER_MISSING',
      { target: 'parapet/ai-sdk', peers: 'ai @ai-sdk/openai-compatible' },
      { cause },
    )
  }
}
