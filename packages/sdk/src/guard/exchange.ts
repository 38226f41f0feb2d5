import type { Decision } from '../decision/decision.ts'
import { judge } from '../decision/judge.ts'
import { sdkError } from '../errors/codes.ts'
import type { Binding } from '../pipeline/binding.ts'
import type { Memo } from '../pipeline/memo.ts'
import type { JudgedPart } from '../record/decision-record.ts'
import type { ReviewContent } from '../review/review-item.ts'
import { createGate, type GateEnd, type Settle } from '../stream/gate.ts'
import { createShadowGate } from '../stream/shadow-gate.ts'
import type { Message } from '../subject/message.ts'
import type { RequestContext } from '../subject/subject.ts'
import { askProvider, type JudgedRequest } from './ask-provider.ts'
import { auditProbability, isSampled } from './audit-sample.ts'
import { collectAnswer } from './collect-answer.ts'
import { matchesDigest } from './content-digest.ts'
import { decide } from './decide.ts'
import type { Exchange, StreamGate } from './guard.ts'
import type { ResolvedGuardOptions } from './guard-options.ts'
import { awaitReview, enqueueAudit, type Held } from './holds.ts'
import { type JudgedInput, judgeInput } from './input.ts'
import { localeMessage } from './locale-message.ts'
import { faultPart, type Measuring, measureText } from './measuring.ts'
import { answerText } from './request-parts.ts'
import { maySpeculate } from './speculation.ts'

/** What one request's exchange is made of. */
export interface ExchangeInput {
  readonly messages: readonly Message[]
  readonly context: RequestContext
  readonly grant: string | undefined
  readonly signal: AbortSignal | undefined
  readonly options: ResolvedGuardOptions
  readonly memo: Memo
  bind(): Promise<Binding>
}

/** One request. All of its state lives here, and dies with it. */
export function createExchange(input: ExchangeInput): Exchange {
  const { messages, context, options, signal } = input
  const { document } = options.policy
  const message = localeMessage(document, context.locale)
  const tenant = context.tenant ?? 'default'
  const shadow = document.mode === 'shadow'

  const measuring = (binding: Binding): Measuring => ({ binding, memo: input.memo, options, tenant, signal })

  /** Uses the caller's grant, if it is for this content under this binding. */
  async function useGrant(binding: Binding, content: string): Promise<{ ticket: string } | undefined> {
    const { grant: ticket } = input
    if (ticket === undefined) return undefined
    if (!options.queue) throw sdkError('PARAPET_GUARD_QUEUE_MISSING', undefined)
    const item = await options.queue.get(ticket, { tenant })
    const valid =
      item !== undefined &&
      item.kind === 'input' &&
      // Of another person in the same words it is still another's.
      (item.subjectKey === undefined || item.subjectKey === context.subjectKey) &&
      matchesDigest(content, item.contentDigest) &&
      (await options.queue.useGrant({
        ticket,
        tenant,
        contentDigest: item.contentDigest,
        bindingHash: binding.bindingHash,
      }))
    if (!valid) throw sdkError('PARAPET_GRANT_REFUSED', undefined)
    return { ticket }
  }

  async function audit(decision: Decision, content: ReviewContent, digestOf: string): Promise<void> {
    const probability = auditProbability(decision)
    if (shadow || probability === 0 || !isSampled(decision, probability)) return
    await enqueueAudit({ kind: 'audit', decision, content, digestOf, context, probability }, options)
  }

  async function judgedInput({
    onHold = () => undefined,
    steers = false,
  }: {
    onHold?: () => void
    steers?: boolean
  } = {}): Promise<JudgedRequest> {
    const startedAt = performance.now()
    const binding = await input.bind()
    const content = JSON.stringify(messages)
    let judged = await judgeInput(messages, measuring(binding))
    const elapsedMs = performance.now() - startedAt
    const record = (of: JudgedInput, grant?: { ticket: string }) =>
      decide(
        {
          binding,
          judgement: of.judgement,
          parts: of.parts,
          complete: of.complete,
          context,
          elapsedMs,
          steered: steers && of.judgement.steer !== undefined,
          ...(grant ? { grant } : {}),
        },
        options,
      )

    let granted =
      judged.judgement.verdict === 'hold' && !shadow ? await useGrant(binding, content) : undefined
    // Drawn before anybody waits, and once: a random slice without what is held would be none.
    const isHeld = judged.judgement.hold !== undefined && !shadow
    if (judged.judgement.hold && !shadow && !granted) {
      const decision = await record(judged)
      onHold()
      await audit(decision, { messages }, content)
      const held: Held = { kind: 'input', decision, content: { messages }, digestOf: content, context }
      const outcome = await awaitReview(held, judged.judgement.hold, options, signal)
      if (outcome.kind === 'ticket') return { kind: 'held', decision, ticket: outcome.ticket, message }
      if (outcome.kind === 'denied') return { kind: 'blocked', decision, message }
      granted = { ticket: outcome.ticket }
    }
    // An approval lifts the hold and nothing else: the same parts are judged again, with it.
    if (granted) judged = { ...judged, judgement: rejudge(binding, judged.parts, granted) }
    const decision = await record(judged, granted)
    if (shadow) return { kind: 'released', decision, content: messages }
    if (!isHeld) await audit(decision, { messages }, content)
    if (decision.effective === 'steer' && decision.steer)
      return { kind: 'released', decision, content: judged.messages, steering: decision.steer }
    if (decision.verdict === 'block') return { kind: 'blocked', decision, message }
    return { kind: 'released', decision, content: judged.messages }
  }

  function rejudge(binding: Binding, parts: readonly JudgedPart[], grant: { ticket: string }) {
    return judge({ policy: document, parts, thresholds: binding.thresholds, grant })
  }

  /** Ends an answer: records its decision, and waits where a person decides. */
  function settleWith(bound: () => Promise<Binding>): Settle {
    return async (end: GateEnd) => {
      const binding = await bound()
      const { parts, complete, elapsedMs } = end
      const base = { binding, parts, complete, context, elapsedMs }
      const decision = await decide({ ...base, judgement: end.judgement }, options)
      if (shadow) return { kind: 'done', decision }
      if (end.cancelled) return { kind: 'blocked', decision, message }
      const original = end.original()
      const answer = JSON.stringify(end.answer())
      const content = { messages, answer, answerText: answerText(original.parts) }
      // What is blocked belongs to a random slice, too: without it, thresholds would be learned from what passed alone.
      await audit(decision, content, answer)
      if (decision.verdict === 'block') return { kind: 'blocked', decision, message }
      if (!decision.hold) return { kind: 'done', decision }
      const outcome = await awaitReview(
        { kind: 'output', decision, content, digestOf: answer, context },
        decision.hold,
        options,
        signal,
      )
      if (outcome.kind === 'ticket') return { kind: 'held', decision, ticket: outcome.ticket, message }
      if (outcome.kind === 'denied') return { kind: 'blocked', decision, message }
      const grant = { ticket: outcome.ticket }
      const judgement = rejudge(binding, parts, grant)
      return { kind: 'done', decision: await decide({ ...base, judgement, grant }, options) }
    }
  }

  function gate(): StreamGate {
    let binding: Binding | undefined
    const bound = async () => {
      binding ??= await input.bind()
      return binding
    }
    const enforcing = createGate(
      {
        policy: options.policy,
        thresholds: () => binding?.thresholds ?? {},
        measure: async (text, place) => measureText(text, place, messages, measuring(await bound())),
        fault: (place, code) => faultPart(place, code, options),
      },
      settleWith(bound),
    )
    return shadow ? createShadowGate(enforcing, document.limits.maxCharacters) : enforcing
  }

  return {
    input: () => judgedInput(),
    ask: (asking) =>
      askProvider(asking, {
        messages,
        speculate: options.speculate,
        maySpeculate: () => shadow || maySpeculate(messages, options.policy),
        judge: judgedInput,
      }),
    gate,
    answer: (answer) => collectAnswer(gate(), answer),
  }
}
