import type { LanguageModelV4CallOptions, SharedV4ProviderMetadata } from '@ai-sdk/provider'
import type { Exchange, Guard, StreamGate } from '@parapet/sdk'
import type { TakenPart } from './answer-step.ts'
import { takeCallContext } from './call-context.ts'
import { createGuardedAnswer, type GuardedAnswer } from './guarded-answer.ts'
import { toolNamesOf } from './known-members.ts'
import type { ResolvedMiddlewareOptions } from './options.ts'
import { promptMessages } from './prompt-messages.ts'

type Parapet = SharedV4ProviderMetadata[string]

/** Judges a call beside it. Never throws: a fault of the guard's own work ends the watch, and not the call. */
export interface ShadowWatch {
  /** Takes a part of the answer; at its `finish`, gives what the caller learns of the decision. */
  see(part: TakenPart): Promise<Parapet | undefined>
  /** Takes a whole answer. */
  judge(parts: () => Iterable<TakenPart>): Promise<Parapet | undefined>
  /** The answer ends without a finish, or nobody waits for it: records what was judged. */
  leave(): Promise<void>
}

/** Parts that are judged. Others pass without a look at them. */
const JUDGED: ReadonlySet<string> = new Set([
  'text-start',
  'text-delta',
  'text-end',
  'reasoning-start',
  'reasoning-delta',
  'reasoning-end',
  'tool-call',
  'tool-result',
  'file',
  'reasoning-file',
  'custom',
  'source',
  'structured-text',
  'finish',
])

/** Begins to judge the request, and waits for nothing. */
export function createShadowWatch(
  guard: Guard,
  given: LanguageModelV4CallOptions,
  options: ResolvedMiddlewareOptions,
): ShadowWatch {
  let exchange: Exchange | undefined
  let opened: { readonly gate: StreamGate; readonly answer: GuardedAnswer } | undefined
  let request: Promise<unknown> = Promise.resolve()
  let faulty = false
  let over = false

  function fault(error: unknown): void {
    faulty = true
    try {
      options.onShadowFault(error)
    } catch {
      // Whoever listens may fail too.
    }
  }

  try {
    const { context } = takeCallContext(given)
    exchange = guard.exchange({
      messages: promptMessages(given.prompt).messages.map(({ role, parts }) => ({ role, content: parts })),
      context,
      ...(given.abortSignal ? { signal: given.abortSignal } : {}),
    })
    request = exchange.input().catch(fault)
  } catch (error) {
    fault(error)
  }

  /** A provider that fails gives no answer: there is nothing to judge, and no gate. */
  function open({ gate: openGate }: Exchange) {
    const gate = openGate()
    const json = given.responseFormat?.type === 'json'
    const { maxCharacters } = guard.policy.document.limits
    const toolNames = toolNamesOf(given)
    opened = { gate, answer: createGuardedAnswer({ gate, options, json, toolNames, maxCharacters }) }
    return opened
  }

  async function leave(): Promise<void> {
    given.abortSignal?.removeEventListener('abort', onAbort)
    if (over) return
    over = true
    await opened?.gate.cancel().catch(fault)
  }
  const onAbort = () => void leave()
  given.abortSignal?.addEventListener('abort', onAbort, { once: true })

  async function see(part: TakenPart): Promise<Parapet | undefined> {
    if (over || !exchange || !JUDGED.has(part.type)) return undefined
    try {
      // The request's record stands before the answer's.
      if (part.type === 'finish') await request
      const { parts } = await (opened ?? open(exchange)).answer.take(part)
      if (part.type !== 'finish') return undefined
      over = true
      given.abortSignal?.removeEventListener('abort', onAbort)
      const finish = parts.find(({ type }) => type === 'finish')
      const { parapet } = (finish && 'providerMetadata' in finish && finish.providerMetadata) || {}
      return faulty ? undefined : parapet
    } catch (error) {
      fault(error)
      await leave()
      return undefined
    }
  }

  return {
    see,
    leave,
    async judge(parts) {
      let parapet: Parapet | undefined
      try {
        for (const part of parts()) parapet = await see(part)
      } catch (error) {
        fault(error)
      }
      if (!over) await leave()
      return parapet
    },
  }
}
