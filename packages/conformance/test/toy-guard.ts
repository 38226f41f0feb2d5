import {
  type CallRequest,
  callChat,
  chatBody,
  type Ending,
  type JudgeVerdict,
  type Piece,
  type Target,
  type TargetSetup,
} from '@parapet/conformance'

/** What can be wrong with a guard: one for each row. */
export const TOY_FAULTS = {
  'released-unjudged': 'releases first and judges at the end',
  'tail-unjudged': 'judges windows of 100 characters, and never the rest',
  'prompt-leak': 'judges no prompt',
  'text-leak': 'judges no text',
  'reasoning-leak': 'judges no reasoning',
  'tool-call-leak': 'judges no tool calls',
  'tool-result-leak': 'judges the prompt alone',
  'choice-leak': 'judges the first choice alone',
  'structured-leak': 'judges JSON as it is written',
  'verdicts-differ': 'judges each piece of a stream by itself',
  'failed-check-passes': 'takes a check that gives no verdict as a yes',
  'reasons-shown': 'tells the caller why',
  'call-left-running': 'blocks, and does not hang up',
  'work-growth': 'judges all that came with each piece',
} as const

export type ToyFault = keyof typeof TOY_FAULTS

interface Toy extends TargetSetup {
  readonly fault: ToyFault | undefined
}

class Blocked extends Error {
  readonly verdict: JudgeVerdict | undefined

  constructor(verdict?: JudgeVerdict) {
    super('blocked')
    this.verdict = verdict
  }
}

async function check(text: string, { judge, checkTimeoutMs, fault }: Toy): Promise<void> {
  let verdict: JudgeVerdict
  try {
    verdict = await judge.check(text, { signal: AbortSignal.timeout(checkTimeoutMs) })
  } catch {
    if (fault === 'failed-check-passes') return
    throw new Blocked()
  }
  if (verdict.flagged) throw new Blocked(verdict)
}

const decoded = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return text
  }
}

/** What a part is judged by, when it is whole. */
async function checkWhole(piece: Piece, toy: Toy): Promise<void> {
  const { kind, choice = 0, text } = piece
  const unread =
    (toy.fault === 'text-leak' && kind === 'text') ||
    (toy.fault === 'reasoning-leak' && kind === 'reasoning') ||
    (toy.fault === 'tool-call-leak' && kind === 'toolCall') ||
    (toy.fault === 'choice-leak' && choice > 0)
  if (!unread) await check(toy.fault === 'structured-leak' ? text : decoded(text), toy)
}

/** What a faulty toy does with text as it streams; a correct one does nothing before the answer is whole. */
async function onPiece(
  piece: Piece,
  soFar: string,
  toy: Toy,
  receive: (piece: Piece) => void,
): Promise<void> {
  const { fault } = toy
  if (fault === 'work-growth' || fault === 'call-left-running') await check(soFar, toy)
  if (fault === 'verdicts-differ') await check(piece.text, toy)
  if (
    fault === 'tail-unjudged' &&
    Math.floor(soFar.length / 100) > Math.floor((soFar.length - piece.text.length) / 100)
  )
    await check(soFar.slice(-200), toy)
  if (fault === 'released-unjudged') receive(piece)
}

/** Faults under which a stream is judged as it comes, and not once more as a whole. */
const JUDGES_PIECES: readonly (ToyFault | undefined)[] = [
  'verdicts-differ',
  'tail-unjudged',
  'work-growth',
  'call-left-running',
]

async function answer(
  request: CallRequest,
  stream: boolean,
  toy: Toy,
  receive: (piece: Piece) => void,
): Promise<void> {
  const { prompt, toolResult } = request
  const asked = [
    ...(toy.fault === 'prompt-leak' ? [] : [prompt]),
    ...(toolResult === undefined || toy.fault === 'tool-result-leak' ? [] : [toolResult]),
  ]
  for (const text of asked) await check(text, toy)
  const parts = new Map<string, { kind: Piece['kind']; choice: number; text: string }>()
  const hangUp = new AbortController()
  const signal = AbortSignal.any([request.signal, hangUp.signal])
  const deltas = callChat(toy.upstreamUrl, chatBody(request, stream), { signal })
  try {
    for (let next = await deltas.next(); !next.done; next = await deltas.next()) {
      const { choice } = next.value
      for (const kind of ['text', 'reasoning', 'toolCall'] as const) {
        const text = next.value[kind]
        if (text === undefined) continue
        const part = parts.get(`${kind}${choice}`) ?? { kind, choice, text: '' }
        parts.set(`${kind}${choice}`, part)
        part.text += text
        if (stream) await onPiece({ kind, choice, text }, part.text, toy, receive)
      }
    }
  } catch (error) {
    if (toy.fault !== 'call-left-running') hangUp.abort()
    throw error
  }
  if (!stream || !JUDGES_PIECES.includes(toy.fault))
    for (const part of parts.values()) await checkWhole(part, toy)
  if (!stream || toy.fault !== 'released-unjudged') for (const part of parts.values()) receive(part)
}

async function ask(
  request: CallRequest,
  stream: boolean,
  toy: Toy,
  receive: (piece: Piece) => void,
): Promise<Ending> {
  try {
    await answer(request, stream, toy, receive)
    return { kind: 'finished' }
  } catch (error) {
    if (!(error instanceof Blocked)) throw error
    const why = toy.fault === 'reasons-shown' ? ` (${error.verdict?.reason})` : ''
    receive({ kind: 'message', text: `Sorry.${why}` })
    return { kind: 'stopped' }
  }
}

/** A guard that keeps each answer back until all of it is judged; or one that does wrong in one way. */
export function toyGuard(fault?: ToyFault): Target {
  return {
    name: fault === undefined ? 'toy' : `toy that ${TOY_FAULTS[fault]}`,
    version: '1',
    how: 'by hand',
    open: async (setup) => {
      const toy = { ...setup, fault }
      return {
        generate: (request, receive) => ask(request, false, toy, receive),
        stream: (request, receive) => ask(request, true, toy, receive),
        close: async () => {},
      }
    },
  }
}
