import type { Judgement } from '../decision/decision.ts'
import { judge } from '../decision/judge.ts'
import { judgedText } from '../pipeline/judged-text.ts'
import type { JudgedPart } from '../record/decision-record.ts'
import { windowsOf } from '../stream/windows.ts'
import type { Message } from '../subject/message.ts'
import { editJoined, type JoinedPart, joinedParts } from './joined-parts.ts'
import { faultPart, type Measuring, measureText } from './measuring.ts'
import { type RequestPart, requestParts, withText } from './request-parts.ts'

/** A request's parts, measured and judged. */
export interface JudgedInput {
  readonly parts: readonly JudgedPart[]
  readonly judgement: Judgement
  /** False when a limit was broken and nothing was measured. */
  readonly complete: boolean
  /** The messages with edits applied. */
  readonly messages: readonly Message[]
}

/** Runs `work` on every item, at most `concurrency` side by side; results stand in the items' order. */
async function mapBounded<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length)
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const index = next++
      results[index] = await work(items[index] as Item, index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker))
  return results
}

/** Measures a part the way it was, or would be, judged when it was new: an answer in its windows. */
export async function measureRequestPart(
  part: RequestPart | JoinedPart,
  index: number,
  messages: readonly Message[],
  measuring: Measuring,
): Promise<JudgedPart[]> {
  const joins = 'joins' in part ? { joins: part.joins } : {}
  const place = { part: index, stage: part.stage, ...joins }
  if (part.media !== undefined) return [await measureText('', { ...place, media: part.media }, [], measuring)]
  const before = messages.slice(0, part.message)
  const { text, json } = judgedText(part.text, part.json)
  const release = measuring.binding.policy.document.stages[part.stage]?.release
  if (release?.kind !== 'window' || json)
    return [await measureText(text, { ...place, ...(json ? { json } : {}) }, before, measuring)]
  const judged: JudgedPart[] = []
  for (const { start, end } of windowsOf(text, release.windowCharacters))
    judged.push(
      await measureText(text.slice(start, end), { ...place, window: { start, end } }, before, measuring),
    )
  return judged
}

function editMessages(
  messages: readonly Message[],
  own: readonly RequestPart[],
  joined: readonly JoinedPart[],
  judgement: Judgement,
): readonly Message[] | { readonly impossible: number } {
  const edited = messages.map((message) => ({ ...message, parts: [...message.parts] }))
  // By part, once: a filter for each part would cost their product.
  const editsByPart = Map.groupBy(judgement.edits, ({ part }) => part)
  const editsOf = (part: number) => editsByPart.get(part) ?? []
  const texts = new Map<number, string>()
  for (const [index, edits] of editsByPart) {
    const source = own[index]
    if (!source) continue
    const text = judgedText(source.text, source.json).edit(edits)
    if (text === undefined) return { impossible: index }
    texts.set(index, text)
  }
  for (const [index, part] of joined.entries()) {
    const ofJoined = editsOf(own.length + index)
    if (ofJoined.length === 0) continue
    for (const [number, text] of editJoined(part, own, { ofJoined, ofPart: editsOf })) texts.set(number, text)
  }
  for (const [index, text] of texts) {
    const source = own[index]
    const target = source && edited[source.message]
    const part = target?.parts[source?.part ?? 0]
    if (source && target && part) target.parts[source.part] = withText(part, text)
  }
  return edited
}

/** Judges everything a call brings in. */
export async function judgeInput(messages: readonly Message[], measuring: Measuring): Promise<JudgedInput> {
  const { policy, thresholds } = measuring.binding
  const { document } = policy
  const own = requestParts(messages)
  const joined = joinedParts(own)
  // A part's number is its place among the parts; the joined ones come after, so that they move none.
  const sources = [...own, ...joined]
  const judgeParts = (parts: readonly JudgedPart[]) => judge({ policy: document, parts, thresholds })
  const fault = (index: number, code: string) =>
    faultPart({ part: index, stage: sources[index]?.stage ?? 'input' }, code, measuring.options)

  const characters = own.reduce((sum, { text }) => sum + text.length, 0)
  if (characters > document.limits.maxCharacters) {
    const parts = [fault(own.length - 1, 'PARAPET_LIMIT_CHARACTERS')]
    return { parts, judgement: judgeParts(parts), complete: false, messages }
  }
  const measured = await mapBounded(sources, measuring.options.concurrency, (source, index) =>
    measureRequestPart(source, index, messages, measuring),
  )
  // Every part has its measurement, or none passes: a gap here would be a silent allow.
  const parts = sources.flatMap((_, index) => {
    const own = measured[index] ?? []
    return own.length > 0 ? own : [fault(index, 'PARAPET_DETECTOR_UNANSWERED')]
  })
  const judgement = judgeParts(parts)
  const edited = editMessages(messages, own, joined, judgement)
  if (!('impossible' in edited)) return { parts, judgement, complete: true, messages: edited }
  const refused = [...parts, fault(edited.impossible, 'PARAPET_GATE_EDIT_IMPOSSIBLE')]
  return { parts: refused, judgement: judgeParts(refused), complete: true, messages }
}
