import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { sqliteQueue } from '@parapet/adapters/sqlite'
import { definePolicy, type NewReviewItem, parsePolicy, toxicity, when } from 'parapet'
import { detectorRegistry } from '../src/registry.ts'
import { callParapet } from './call-parapet.ts'
import { parseLines } from './run-parapet.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const path = join(folder, 'review.db')
const policyPath = join(folder, 'policy.json')
const stage = { onError: 'block', onAbstain: 'block', budgetMs: 1_000 } as const
const policy = definePolicy({
  id: 'chat',
  version: '1',
  output: {
    ...stage,
    rules: [
      when(toxicity(), 'toxic').above(0.5).block({ id: 'toxic' }),
      when(toxicity(), 'toxic').above(0).review({ mode: 'audit', sampleRate: 0.5 }, { id: 'slice' }),
    ],
  },
})

function audit(index: number, changes: Partial<NewReviewItem> = {}): NewReviewItem {
  const score = (index % 100) / 100
  const reason = (rule: string, action: string, threshold: number) =>
    ({
      kind: 'rule',
      part: 0,
      stage: 'output',
      rule,
      detector: 'toxicity',
      label: 'toxic',
      score,
      threshold,
      action,
    }) as const
  return {
    key: `audit-${index}`,
    kind: 'audit',
    tenant: 'acme',
    decisionId: `decision-${index}`,
    bindingHash: 'sha256:binding',
    policy: { id: 'chat', version: '1', policyHash: policy.policyHash },
    contentDigest: `sha256:${index}`,
    content: { messages: [], answerText: `canary answer ${index}` },
    reasons: [reason('slice', 'audit', 0), ...(score >= 0.5 ? [reason('toxic', 'block', 0.5)] : [])],
    edits: [],
    probability: score < 0.5 ? 0.5 : 1,
    expiresAt: Date.now() + 7_200_000,
    ...changes,
  }
}

beforeAll(async () => {
  writeFileSync(policyPath, JSON.stringify(policy.document))
  const queue = sqliteQueue(path)
  const decide = async (item: NewReviewItem, harmful: boolean) => {
    const { id } = await queue.enqueue(item)
    const claim = await queue.claim({ reviewer: 'ada', id })
    const outcome = harmful ? 'reject' : 'approve'
    await queue.decide({ id, token: claim?.token ?? '', outcome, reason: harmful ? 'harm' : 'fine' })
  }
  // Benign up to .8 and harmful from there on, but for one in a hundred.
  await Promise.all(
    Array.from({ length: 1_000 }, (_, index) => decide(audit(index), index % 100 >= 80 && index !== 99)),
  )
  const other = { id: 'chat', version: '1', policyHash: 'sha256:another policy of the same id' }
  await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      decide(audit(index, { key: `other-${index}`, policy: other, probability: 1 }), false),
    ),
  )
  await queue.close()
}, 60_000)

const calibrate = (...args: string[]) =>
  callParapet(['calibrate', '--from', 'reviews', '--policy', policyPath, '--queue', path, ...args])

describe('parapet calibrate --from reviews', () => {
  it('proposes a threshold with its bound and what that rests on, as a patch that fits the policy', async () => {
    const { status, stdout } = await calibrate('--rate', '0.02', '--json')

    const result = JSON.parse(stdout) as {
      proposals: {
        rule: string
        evidence: Record<string, number>
        patch: { path: string; value: unknown }[]
      }[]
    }
    const [proposal] = result.proposals
    expect(status).toBe(0)
    expect(result).toMatchObject({ policy: { id: 'chat', policyHash: policy.policyHash }, rate: 0.02 })
    expect(result.proposals).toHaveLength(1)
    expect(proposal).toMatchObject({ rule: 'toxic', evidence: { n: 1_000, benign: 801, harmful: 199 } })
    expect(proposal?.evidence['threshold']).toBeGreaterThan(0.78)
    expect(proposal?.evidence['threshold']).toBeLessThan(0.81)
    expect(proposal?.evidence['falsePositiveBound']).toBeLessThanOrEqual(0.02)
    expect(proposal?.evidence['boundN']).toBeLessThan(801)
    expect(proposal?.evidence['recall']).toBe(1)
    const [test, replace] = proposal?.patch ?? []
    const document = structuredClone(policy.document) as never
    const condition = (test?.path ?? '').split('/').slice(1)
    const rule = condition.slice(0, -1).reduce((at: Record<string, never>, key) => at[key] as never, document)
    expect(rule['condition']).toEqual(test?.value)
    Object.assign(rule, { condition: replace?.value })
    expect(parsePolicy(document, detectorRegistry(document)).document.stages.output?.rules).toHaveLength(2)
  })

  it('says the same in words, with a diff', async () => {
    const { stdout } = await calibrate('--rate', '0.02', '--rule', 'toxic')

    expect(stdout).toMatch(/^at most +[\d.]+ % at 95\.00 % confidence \(\d+ of \d+\)$/m)
    expect(stdout).toContain('- {"kind":"above","score":0.5}\n+ {"kind":"above","score":0.')
    expect(readFileSync(policyPath, 'utf8')).toBe(JSON.stringify(policy.document))
  })

  it('says how many reviews it would take, where there are too few', async () => {
    const { status, stdout } = await calibrate('--rate', '0.0001')

    expect(status).toBe(1)
    expect(stdout).toMatch(/^threshold +none: 0\.01 % needs at least 29956 benign reviews$/m)
    expect(stdout).not.toContain('---')
  })

  it('writes where people and policy differ, for its owner alone, and counts each as viewed', async () => {
    const file = join(folder, 'disagreements.jsonl')

    await calibrate('--disagreements', file, '--reviewer', 'lea')
    const again = await calibrate('--disagreements', file)

    const lines = parseLines<{ label: string; action: string; response: string }>(readFileSync(file, 'utf8'))
    // 300 benign ones of each hundred's .5 to .79, the one of .99, and the other policy's fifty.
    expect(lines).toHaveLength(351)
    expect(new Set(lines.map(({ label, action }) => `${label} ${action}`))).toEqual(new Set(['benign block']))
    expect(lines[0]?.response).toContain('canary')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(again.stderr).toMatch(/^PARAPET_CLI_OUTPUT_FAILED: /)
    const queue = sqliteQueue(path)
    const events = await queue.events({ after: 3_300, limit: 1_000 })
    await queue.close()
    expect(events.filter(({ kind, actor }) => kind === 'viewed' && actor === 'lea')).toHaveLength(351)
  })

  it.each([
    ['no source', ['calibrate', '--policy', policyPath]],
    ['an unknown source', ['calibrate', '--from', 'stars']],
    ['no policy', ['calibrate', '--from', 'reviews']],
    ['a rate that is none', ['calibrate', '--from', 'reviews', '--policy', policyPath, '--rate', '2']],
    [
      'a rule that is not there',
      ['calibrate', '--from', 'reviews', '--policy', policyPath, '--queue', path, '--rule', 'x'],
    ],
  ])('refuses %s', async (_, args) => {
    const { status, stdout, stderr } = await callParapet(args)

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^PARAPET_CLI_USAGE: /)
  })
})
