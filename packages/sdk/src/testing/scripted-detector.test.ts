import { describe, expect, it } from '@jest/globals'
import { createGuard } from '../guard/create-guard.ts'
import { definePolicy } from '../policy/define-policy.ts'
import { when } from '../policy/when.ts'
import { memoryQueue } from '../review/memory-queue.ts'
import { distinctText, judgedLog } from './judged-log.ts'
import { recordingSink } from './recording-sink.ts'
import { DETECTOR_FAULTS, type ScriptedDetector, scriptedDetector } from './scripted-detector.ts'
import { SCRIPTED_MESSAGE, SCRIPTED_WORDS, scriptedPolicy } from './scripted-policy.ts'

const guardOf = (detector: ScriptedDetector<'bad'>) =>
  createGuard({
    policy: definePolicy({
      id: 'p',
      version: '1',
      input: {
        rules: [when(detector, 'bad').above(0.5).block()],
        onError: 'block',
        onAbstain: 'allow',
        budgetMs: 50,
      },
    }),
  })
const ask = (detector: ScriptedDetector<'bad'>, text: string) =>
  guardOf(detector).check({ stage: 'input', text })

describe('scriptedDetector', () => {
  it('scores 1 and points at the place where a pattern matches', async () => {
    const detector = scriptedDetector({ labels: ['bad', 'good'], script: { bad: /b.d/ } })
    const { measure } = await detector.load()
    const subject = { stage: 'input', text: 'bad, bid', conversation: [], language: undefined } as const

    expect(await measure(subject, { signal: new AbortController().signal })).toEqual({
      kind: 'scored',
      scores: { bad: 1, good: 0 },
      spans: [
        { label: 'bad', start: 0, end: 3 },
        { label: 'bad', start: 5, end: 8 },
      ],
    })
  })

  it('says what its function says, and nothing of the labels that it leaves out', async () => {
    const detector = scriptedDetector({
      labels: ['bad'],
      script: ({ text }) => (text === 'x' ? { bad: 0.7 } : {}),
    })

    expect((await ask(detector, 'x')).reasons).toMatchObject([{ label: 'bad', score: 0.7 }])
    expect((await ask(detector, 'y')).verdict).toBe('allow')
  })

  it.each(DETECTOR_FAULTS)('brings about a fault that gives onError: %s', async (fault) => {
    const detector = scriptedDetector({ labels: ['bad'], script: {}, faults: { [fault]: /canary/ } })

    const faulty = await ask(detector, 'canary')
    const fine = await ask(detector, 'else')

    expect(faulty).toMatchObject({ verdict: 'block', reasons: [{ kind: 'failed' }] })
    expect(JSON.stringify(faulty)).not.toContain('canary')
    expect(fine.verdict).toBe('allow')
  })

  it('is slower than a budget when it is told to be', async () => {
    const detector = scriptedDetector({ labels: ['bad'], script: {}, delayMs: 200 })

    expect((await ask(detector, 'x')).reasons).toMatchObject([{ code: 'PARAPET_DETECTOR_TIMEOUT' }])
  })

  it('writes down what it was shown', async () => {
    const log = judgedLog()
    const detector = scriptedDetector({ id: 'one', labels: ['bad'], script: {}, log })
    await ask(detector, 'hello')

    expect(detector.shown()).toEqual([{ detector: 'one', stage: 'input', text: 'hello' }])
    expect(log.entries).toEqual(detector.shown())
  })
})

describe('judgedLog', () => {
  it('names the characters that nobody was shown at that stage', () => {
    const log = judgedLog()
    const text = distinctText(30)
    log.add({ detector: 'd', stage: 'output', text: text.slice(0, 20) })
    log.add({ detector: 'd', stage: 'input', text })

    expect(new Set(text).size).toBe(30)
    expect(log.unjudged(text.slice(0, 20), 'output')).toBe('')
    expect(log.unjudged(text, 'output')).toBe(text.slice(20))
  })
})

describe('recordingSink', () => {
  it('sorts records by what they are, and fails when it is told to', async () => {
    const records = recordingSink()
    const guard = createGuard({ policy: scriptedPolicy(), records, queue: memoryQueue() })
    const { id } = await guard.check({ stage: 'input', text: SCRIPTED_WORDS.secret })

    expect(records.find(id)?.decision.edits).toHaveLength(1)
    expect(records.holdEnds).toEqual([])

    records.failWith(new Error('full'))
    await expect(guard.check({ stage: 'input', text: 'x' })).rejects.toThrow('full')
    expect(records.decisions).toHaveLength(1)
  })
})

it('makes policies that say their message and nothing else', () => {
  expect(scriptedPolicy().document.messages).toEqual({ default: SCRIPTED_MESSAGE })
})
