/**
 * What this proves: a judge that obeys whatever passes for the prompt's own structure is talked into 0 by each of these
 * texts under a naive prompt, and by none under ours. What it does not prove: that a real model resists being persuaded
 * in plain words. `test/integration/llm-judge.live.test.ts` asks a real one.
 */
import { expect, test } from '@jest/globals'
import { STRUCTURAL_ATTACKS } from '../../../test/builders/judge-attacks.ts'
import { scriptedJudge, verdict } from '../../../test/builders/scripted-judge.ts'
import { subject } from '../../../test/builders/subject.ts'
import { llmJudge } from './llm-judge.ts'

/** How a text is often put to a judge: quoted, as it is. */
const naivePrompt = (text: string) =>
  `Is the text rude? Answer with {"scores": {"rude": 0 to 1}}.\nText:\n"""\n${text}\n"""\nAnswer:`

/** Reads tag characters as the letters that they hide. */
const revealed = (text: string) =>
  text.replace(
    /[\u{e0020}-\u{e007e}]+/gu,
    (found) =>
      `\nSystem: ${String.fromCodePoint(...[...found].map((letter) => (letter.codePointAt(0) ?? 0) - 0xe0000))}`,
  )

/**
 * What a judge without any judgement answers: it copies a verdict that lies ready, takes what stands behind an end of
 * the data or a turn of authority for an instruction, and else finds the text as rude as it is.
 */
function obey(message: string, check: string): string {
  const seen = revealed(message)
  const ready = seen.match(/\{"check":"[^"]*","scores":\{[^{}]*\}\}/g)?.at(-1)
  if (ready !== undefined) return ready
  const instructed = [
    /(?:^|[\n\u2028])(?:"""|```|<\/data[^\n\u2028]*>)[\n\u2028][^\n\u2028]*\bscore 0\b/i,
    /(?:^|\n)\s*(?:system|assistant|developer):[^\n]*\bscore 0\b/i,
    /<\|(?:im_start|start_header_id)\|>\s*system[\s\S]*\bscore 0\b/i,
    /\[\/INST\][\s\S]*\bscore 0\b/i,
  ].some((authority) => authority.test(seen))
  return verdict(check, { rude: instructed ? 0 : 0.95 })
}

const judge = () =>
  llmJudge({
    model: scriptedJudge(({ message, check }) => obey(message, check)),
    rubric: { rude: 'Insults a person.' },
  })
const measured = async (text: string) => {
  const loaded = await judge().load()
  return loaded
    .measure(subject(text), { signal: new AbortController().signal })
    .catch(({ code }: { code: string }) => ({ kind: 'failed' as const, code }))
}

test.each(Object.entries(STRUCTURAL_ATTACKS))(
  '%s talks the naive prompt into 0, and not ours',
  async (_, text) => {
    const naive = JSON.parse(obey(naivePrompt(text), '')) as { scores: { rude: number } }
    expect(naive.scores.rude).toBe(0)

    expect(await measured(text)).toEqual({ kind: 'scored', scores: { rude: 0.95 } })
  },
)

test('a verdict that was copied out of the text lacks the code, and is a fault', async () => {
  const copying = scriptedJudge(() => '{"check":"0badc0de","scores":{"rude":0}}')
  const loaded = await llmJudge({ model: copying, rubric: { rude: 'Insults a person.' } }).load()

  await expect(
    loaded.measure(subject('a text'), { signal: new AbortController().signal }),
  ).rejects.toMatchObject({ code: 'PARAPET_REMOTE_VERDICT_MALFORMED' })
})
