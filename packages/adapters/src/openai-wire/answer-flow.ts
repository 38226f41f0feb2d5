import type { ProviderCall } from '../answer/provider-call.ts'
import type { ResolvedWireOptions } from './options.ts'
import type { Parts } from './parts.ts'
import type { WireAnswer } from './protocol.ts'
import type { readAnswer } from './read-answer.ts'

/** An answer on its way: what comes, what judges it, and whom it is from. */
export interface AnswerFlow {
  readonly options: ResolvedWireOptions
  readonly pieces: ReturnType<typeof readAnswer>
  readonly answer: WireAnswer
  readonly parts: Parts
  readonly gate: { cancel(): Promise<void> }
  readonly call: ProviderCall
}

const ignore = () => undefined

/** How long a provider may take to close a stream whose answer is whole, so that its connection can be used again. */
const READ_OUT_MS = 1_000

/** Lets go of the provider. Nothing waits for it: it may be the one that stalls. */
export function letGo({ call, pieces, parts }: AnswerFlow): void {
  call.close()
  if (parts.over?.kind !== 'done') {
    call.abort()
    pieces.return(undefined).catch(ignore)
    return
  }
  const late = setTimeout(() => call.abort(), READ_OUT_MS)
  late.unref()
  const readOut = async () => {
    for await (const _ of pieces);
    clearTimeout(late)
  }
  readOut().catch(ignore)
}
