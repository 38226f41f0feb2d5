import type { LanguageModelV4StreamPart, SharedV4ProviderMetadata } from '@ai-sdk/provider'
import type { AnswerPart, GateStep, StreamGate } from '@parapet/sdk'
import { createIds, defined } from '../answer/known-forms.ts'
import { AnswerLedger } from './answer-ledger.ts'
import type { AnswerStep, TakenPart } from './answer-step.ts'
import type { SourceRebuild } from './citation-text.ts'
import { filteredParts } from './filtered-answer.ts'
import type { ResolvedMiddlewareOptions } from './options.ts'
import { safeMetadata } from './safe-metadata.ts'

/** A gate as the parts of an answer go through it: what it releases comes back as parts. */
export interface AnswerGate {
  readonly gate: StreamGate
  readonly ledger: AnswerLedger
  /** How what was judged is built again. */
  readonly rebuild: SourceRebuild
  readonly idOf: (id: unknown) => string
  readonly safe: (metadata: SharedV4ProviderMetadata | undefined) => SharedV4ProviderMetadata | undefined
  /** Safe metadata as the member of a part, where there is any. */
  readonly holder: (metadata: SharedV4ProviderMetadata | undefined) => {
    providerMetadata?: SharedV4ProviderMetadata
  }
  /** What a step of the gate means for the caller. */
  readonly act: (step: GateStep) => AnswerStep
  /** Judges a part in one piece; `build` makes it again from what is released of it. */
  readonly pushWhole: (part: AnswerPart, build: (text: string) => TakenPart[]) => Promise<AnswerStep>
}

export function createAnswerGate(gate: StreamGate, options: ResolvedMiddlewareOptions): AnswerGate {
  const ledger = new AnswerLedger()
  const idOf = createIds()
  const rebuild = { trusted: options.trustedMetadata, idOf }
  const safe = (metadata: SharedV4ProviderMetadata | undefined) =>
    safeMetadata(metadata, options.trustedMetadata)
  const holder = (metadata: SharedV4ProviderMetadata | undefined) =>
    defined({ providerMetadata: safe(metadata) })

  function act(step: GateStep): AnswerStep {
    const parts = ledger.release(step.release)
    if (step.kind === 'open') return { parts: [...parts, ...ledger.settle()] }
    if (step.kind === 'done') return { parts: [...parts, ...ledger.finish()], over: 'done' }
    return { parts: [...parts, ...ledger.truncate(), ...filteredParts(step)], over: 'filtered' }
  }

  async function pushWhole(part: AnswerPart, build: (text: string) => TakenPart[]): Promise<AnswerStep> {
    const id = ledger.whole((text) => build(text) as LanguageModelV4StreamPart[])
    return act(await gate.pushPart(id, part))
  }

  return { gate, ledger, rebuild, idOf, safe, holder, act, pushWhole }
}
