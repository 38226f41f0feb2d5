import type { EncoderManifest, EncoderModel, EncoderReading, EncoderWindows } from '@parapet/runtime'
import type { RemoteCalls } from '../service/calls.ts'
import { inLanes } from '../service/in-lanes.ts'
import type { KserveServer } from './kserve-server.ts'

/** Windows of one text that are under way at once. */
const LANES = 4

/** An encoder whose text is cut here and whose graph runs on a server: one window a request, as the model host does. */
export interface ServedEncoder {
  readonly manifest: EncoderManifest
  readonly output: string
  readonly windows: EncoderWindows
  readonly server: KserveServer
  readonly inputs: Awaited<ReturnType<KserveServer['check']>>
  readonly calls: RemoteCalls
}

/** Makes it read like one in a model host. */
export function servedEncoder(served: ServedEncoder): Pick<EncoderModel, 'manifest' | 'warm' | 'read'> {
  const { manifest, output, windows, server, inputs, calls } = served

  async function readText(text: string, maxTokens: number, signal: AbortSignal): Promise<EncoderReading> {
    const cut = windows.cut(text, maxTokens)
    if (cut.kind === 'too-long') return cut
    const rows = await inLanes(
      cut.windows,
      LANES,
      (ids, either) => calls.call((limited) => server.infer(ids, inputs, limited), either),
      signal,
    )
    const { tokens, unknownTokens } = cut
    return { kind: 'read', tokens, unknownTokens, windows: rows.length, outputs: { [output]: rows } }
  }

  return {
    manifest,
    async warm() {},
    async read({ texts, maxTokens = manifest.windowTokens, signal = new AbortController().signal }) {
      return await Promise.all(texts.map((text) => readText(text, maxTokens, signal)))
    },
  }
}
