import type {
  DecoderModel,
  DecoderReading,
  DecoderReadRequest,
  EncoderReading,
  EncoderRequest,
  ModelHost,
  TokenRead,
  TokenReadRequest,
  TooLong,
} from '@parapet/runtime'

/** A host that answers at once, and remembers what it was asked. */
export interface ScriptedHost extends ModelHost {
  readonly encoderRequests: EncoderRequest[]
  readonly decoderRequests: DecoderReadRequest[]
  readonly tokenRequests: TokenReadRequest[]
  readonly closes: number
}

/** What the host answers; each answer may throw. */
export interface Script {
  readonly encoder?: (request: EncoderRequest) => EncoderReading
  readonly decoder?: (request: DecoderReadRequest) => DecoderReading
  readonly tokens?: (request: TokenReadRequest) => TokenRead | TooLong
  readonly warm?: () => void
}

export function scriptedHost(script: Script = {}): ScriptedHost {
  const encoderRequests: EncoderRequest[] = []
  const decoderRequests: DecoderReadRequest[] = []
  const tokenRequests: TokenReadRequest[] = []
  let closes = 0
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
  const warm = async () => script.warm?.()
  const notScripted = (): never => {
    throw new Error('not scripted')
  }
  return {
    encoderRequests,
    decoderRequests,
    tokenRequests,
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
      async readTokens(request) {
        tokenRequests.push(request)
        await turn()
        request.signal?.throwIfAborted()
        return (script.tokens ?? notScripted)(request)
      },
      firstToken: notScripted,
      verifyInterventions: notScripted,
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
