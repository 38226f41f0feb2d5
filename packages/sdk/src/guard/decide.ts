import { randomUUID } from 'node:crypto'
import type { Decision, Judgement } from '../decision/decision.ts'
import { keyedDigest } from '../json/digest.ts'
import type { Binding } from '../pipeline/binding.ts'
import type { JudgedPart } from '../record/decision-record.ts'
import type { RequestContext } from '../subject/subject.ts'
import { type ResolvedGuardOptions, retentionOf } from './guard-options.ts'
import { recordDecisionMetrics } from './telemetry.ts'

/** A judgement about to become a decision. */
export interface Deciding {
  readonly binding: Binding
  readonly judgement: Judgement
  readonly parts: readonly JudgedPart[]
  /** Whether everything was judged: false when a block, a limit or the caller ended it early. */
  readonly complete: boolean
  readonly context: RequestContext
  /** Milliseconds that judging took. */
  readonly elapsedMs: number
  readonly grant?: { readonly ticket: string }
  /** The model answers with the direction added, in place of a block. */
  readonly steered?: boolean
}

/** What is enforced of a judgement. */
function effectOf({ judgement, steered, binding }: Deciding): Decision['effective'] {
  if (binding.policy.document.mode === 'shadow') return 'allow'
  return steered ? 'steer' : judgement.verdict
}

/** Names a judgement and stores its record: whoever gets the decision knows that it is on record. */
export async function decide(deciding: Deciding, options: ResolvedGuardOptions): Promise<Decision> {
  const { binding, judgement, parts, complete, context, grant } = deciding
  const { document, policyHash } = binding.policy
  const decision: Decision = {
    ...judgement,
    id: randomUUID(),
    effective: effectOf(deciding),
    policy: { id: document.id, version: document.version, policyHash, bindingHash: binding.bindingHash },
    contentDigest: keyedDigest(options.keys.current.key, parts.map((part) => part.digest).join('\n')),
    elapsedMs: deciding.elapsedMs,
  }
  recordDecisionMetrics(decision)
  await options.records?.append({
    kind: 'decision',
    decision,
    parts,
    complete,
    thresholds: binding.thresholds,
    binding: binding.recorded,
    keyId: options.keys.current.id,
    mode: document.mode,
    ...(grant ? { grant } : {}),
    tenant: context.tenant ?? 'default',
    ...(context.subjectKey === undefined
      ? {}
      : { subjectDigest: keyedDigest(options.keys.current.key, context.subjectKey) }),
    expiresAt: Date.now() + retentionOf(options, context.tenant ?? 'default'),
  })
  return decision
}
