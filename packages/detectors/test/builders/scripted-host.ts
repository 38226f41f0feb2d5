import type {
  DecoderModel,
  DecoderReading,
  DecoderReadRequest,
  EncoderReading,
  EncoderRequest,
  ModelHost,
} from '@parapet/runtime'

/** A host that answers at once, and remembers what it was asked. */
export interface ScriptedHost extends ModelHost {
  readonly encoderRequests: EncoderRequest[]
  readonly decoderRequests: DecoderReadRequest[]
  readonly closes: number
}

/** What the host answers; each answer may throw. */
export interface Script {
  readonly encoder?: (request: EncoderRequest) => EncoderReading
  readonly decoder?: (request: DecoderReadRequest) => DecoderReading
  readonly warm?: () => void
}

export function scriptedHost(script: Script = {}): ScriptedHost {
  const encoderRequests: EncoderRequest[] = []
  const decoderRequests: DecoderReadRequest[] = []
  let closes = 0
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
  const warm = async () => script.warm?.()
  const notScripted = (): never => {
    throw new Error('not scripted')
  }
  return {
    encoderRequests,
    decoderRequests,
    get closes() {
      return closes
    },
    encoder: ({ manifest }) => ({
      manifest,
      warm,
      async read(request) {
        encoderRequests.push(request)
        await turn()
        request.signal?.throwIfAborted()
        return [(script.encoder ?? notScripted)(request)]
      },
    }),
    decoder: ({ manifest }): DecoderModel => ({
      manifest,
      warm,
      async read(request) {
        decoderRequests.push(request)
        await turn()
        request.signal?.throwIfAborted()
        return (script.decoder ?? notScripted)(request)
      },
      firstToken: notScripted,
      generate: notScripted,
    }),
    status: () => ({
      state: 'ready',
      queued: 0,
      running: 0,
      replaced: 0,
      pid: undefined,
      residentBytes: undefined,
    }),
    close: async () => {
      closes += 1
    },
  }
}
