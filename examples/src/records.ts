/** What was decided, and why: written, checked for tampering, and asked again under a stricter policy. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createGuard,
  definePolicy,
  explainDecision,
  fileKeys,
  jsonLinesSink,
  patterns,
  replayRecords,
  verifyRecords,
  when,
} from 'parapet'

const orders = patterns({
  id: 'orders',
  version: '1',
  patterns: [{ label: 'order', regex: /\bORD-\d+/, maxCharacters: 20 }],
})
const stage = { onError: 'block', onAbstain: 'block', budgetMs: 1_000 } as const
const flags = definePolicy({
  id: 'orders',
  version: '1',
  input: { ...stage, rules: [when(orders, 'order').found().flag()] },
})
const blocks = definePolicy({
  id: 'orders',
  version: '2',
  input: { ...stage, rules: [when(orders, 'order').found().block()] },
})

const folder = mkdtempSync(join(tmpdir(), 'parapet-records-'))
const logs = join(folder, 'records')
const keys = fileKeys(join(folder, 'record.key'))
const guard = createGuard({ policy: flags, records: jsonLinesSink({ directory: logs, keys }), keys })
await guard.check({ stage: 'input', text: 'Where is my parcel?' })
const flagged = await guard.check({ stage: 'input', text: 'Where is ORD-4711?' })
await guard.close()

const files = readdirSync(logs).map((name) => join(logs, name))
const { ok, records } = await verifyRecords(files, { keys })
console.log(`verify: ${records} records, ${ok ? 'whole' : 'broken'}`)

const { rules } = await explainDecision(files, flagged.id)
console.log(
  `explain: ${rules.map(({ detector, label, score }) => `${detector} ${label} ${score}`).join(', ')}`,
)

const { decisions, transitions } = await replayRecords(files, blocks.document)
const changes = transitions.map(({ from, to, count }) => `${count} ${from} → ${to}`)
console.log(`replay of ${decisions} under version 2: ${changes.join(', ')}`)
rmSync(folder, { recursive: true })
