import { judge } from '../decision/judge.ts'
import { sdkError } from '../errors/codes.ts'
import { createBinder, isLoaded } from '../pipeline/binding.ts'
import { judgedText } from '../pipeline/judged-text.ts'
import { createMemo } from '../pipeline/memo.ts'
import type { Policy } from '../policy/policy.ts'
import { checkContext, checkMessages, checkQuestion } from '../subject/check-context.ts'
import { decide } from './decide.ts'
import { createExchange } from './exchange.ts'
import { findHeld } from './find-held.ts'
import type { Guard, Resumed } from './guard.ts'
import { type GuardOptions, resolveGuardOptions } from './guard-options.ts'
import { isAnswered, isApproved, isPending, recordHoldEnd } from './holds.ts'
import { judgeReviewerAnswer } from './judge-reviewer-answer.ts'
import { localeMessage } from './locale-message.ts'
import { faultPart, measureText } from './measuring.ts'
import { checkSpeculation } from './speculation.ts'

/** Whether a policy can ask for a person. */
function asksForReview({ document }: Policy): boolean {
  const asks = ({ kind }: { kind: string }) => kind === 'hold' || kind === 'audit'
  return Object.values(document.stages).some(
    (stage) => stage.rules.some(({ action }) => asks(action)) || asks(stage.onError) || asks(stage.onAbstain),
  )
}

/**
 * Makes a guard. Nothing is loaded until the first question, or `warm()`.
 * @throws PARAPET_GUARD_QUEUE_MISSING when the policy asks for reviews and there is no queue to put them on;
 * PARAPET_GUARD_SPECULATION_REFUSED when it shall speculate and a rule of input redacts
 */
export function createGuard(given: GuardOptions): Guard {
  const options = resolveGuardOptions(given)
  const { policy, queue } = options
  if (!queue && policy.document.mode === 'enforce' && asksForReview(policy))
    throw sdkError('PARAPET_GUARD_QUEUE_MISSING', undefined)
  if (options.speculate && policy.document.mode === 'enforce') checkSpeculation(policy)
  const binder = createBinder(policy, options)
  const memo = createMemo(options.memoEntries)

  return {
    policy,

    async warm() {
      const { detectors } = await binder.bind()
      for (const [key, detector] of detectors)
        if (!isLoaded(detector))
          throw sdkError(
            'PARAPET_GUARD_LOAD_FAILED',
            { detector: key, code: detector.code },
            { cause: detector.error },
          )
    },

    bindingHash: async () => (await binder.bind()).bindingHash,

    async check({
      stage,
      text: whole,
      json: asJson = false,
      conversation = [],
      context: given = {},
      signal,
    }) {
      const context = checkContext(given)
      checkQuestion(stage, whole)
      const startedAt = performance.now()
      const binding = await binder.bind()
      const measuring = { binding, memo, options, tenant: context.tenant ?? 'default', signal }
      const { text, json } = judgedText(whole, asJson)
      const place = { part: 0, stage, ...(json ? { json } : {}) }
      const part =
        whole.length > policy.document.limits.maxCharacters
          ? faultPart(place, 'PARAPET_LIMIT_CHARACTERS', options)
          : await measureText(text, place, checkMessages(conversation), measuring)
      const judgement = judge({ policy: policy.document, parts: [part], thresholds: binding.thresholds })
      return decide(
        {
          binding,
          judgement,
          parts: [part],
          complete: true,
          context,
          elapsedMs: performance.now() - startedAt,
        },
        options,
      )
    },

    exchange: ({ messages, context = {}, grant, signal }) =>
      createExchange({
        messages: checkMessages(messages),
        context: checkContext(context),
        grant,
        signal,
        options,
        memo,
        bind: () => binder.bind(),
      }),

    async resume(ticket, context = {}): Promise<Resumed> {
      if (!queue) throw sdkError('PARAPET_GUARD_QUEUE_MISSING', undefined)
      const { locale } = context
      const item = await findHeld(queue, ticket, checkContext(context))
      if (isPending(item)) return { kind: 'pending', item }
      const denied: Resumed = { kind: 'denied', item, message: localeMessage(policy.document, locale) }
      const binding = await binder.bind()
      if (isApproved(item) && item.bindingHash !== binding.bindingHash)
        throw sdkError('PARAPET_GRANT_REFUSED', undefined)
      await recordHoldEnd(item, options)
      if (!isApproved(item)) return denied
      if (item.erasedAt !== undefined) throw sdkError('PARAPET_TICKET_EXPIRED', undefined)
      if (isAnswered(item)) {
        const measuring = { binding, memo, options, tenant: item.tenant, signal: undefined }
        const answer = await judgeReviewerAnswer(item, item.decision?.answer ?? '', measuring)
        return answer ? { kind: 'answer', item, answer } : denied
      }
      if (item.kind === 'output' && item.content.answer !== undefined)
        return { kind: 'answer', item, answer: JSON.parse(item.content.answer) }
      return { kind: 'grant', item, grant: item.id }
    },

    async close() {
      await binder.close()
      await options.records?.close?.()
    },
  }
}
