import type { NewReviewItem } from '@parapet/sdk'

let lastItem = 0

/** A hold with a conversation of about a kilobyte. */
export function benchItem(): NewReviewItem {
  lastItem += 1
  return {
    key: `request-${lastItem}`,
    kind: 'input',
    tenant: `tenant-${lastItem % 10}`,
    subjectKey: `person-${lastItem % 1_000}`,
    decisionId: `decision-${lastItem}`,
    bindingHash: 'sha256:0f4e8d1c',
    contentDigest: `sha256:${lastItem}`,
    content: {
      messages: [{ role: 'user', parts: [{ type: 'text', text: 'May I have this? '.repeat(60) }] }],
    },
    reasons: [
      {
        kind: 'rule',
        part: 0,
        stage: 'input',
        rule: 'maybe-harmful',
        detector: 'refusal-direction',
        label: 'harmful',
        score: 0.52,
        threshold: 0.41,
        action: 'hold',
      },
    ],
    edits: [],
    priority: lastItem % 3,
    deadlineAt: Date.now() + 3_600_000 + (lastItem % 997),
    otherwise: 'block',
    expiresAt: Date.now() + 86_400_000,
  }
}
