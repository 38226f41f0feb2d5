import { metrics } from '@opentelemetry/api'
import type { Decision } from '../decision/decision.ts'

/** Counters and times per policy and verdict, through OpenTelemetry's API: nothing happens without an SDK. No text. */
export function recordDecisionMetrics({ policy, verdict, effective, elapsedMs, reasons }: Decision): void {
  const meter = metrics.getMeter('@parapet/sdk')
  const attributes = {
    'parapet.policy.id': policy.id,
    'parapet.verdict': verdict,
    'parapet.effective': effective,
  }
  meter.createHistogram('parapet.decision.duration', { unit: 'ms' }).record(elapsedMs, attributes)
  for (const reason of reasons)
    meter.createCounter('parapet.reasons').add(1, {
      ...attributes,
      'parapet.reason': reason.kind,
      'parapet.detector': reason.detector,
      ...(reason.kind === 'rule' ? { 'parapet.rule': reason.rule } : {}),
      ...(reason.kind === 'failed' ? { 'parapet.code': reason.code } : {}),
    })
}
