import type { Edit, Judgement, Verdict } from '../decision/decision.ts'
import { stricter } from '../decision/join.ts'
import { judge } from '../decision/judge.ts'
import { sdkError } from '../errors/codes.ts'
import type { Answer, AnswerPart, GateRelease, GateStep, StreamGate } from '../guard/guard.ts'
import { judgedText } from '../pipeline/judged-text.ts'
import type { Policy } from '../policy/policy.ts'
import type { JudgedPart, Thresholds } from '../record/decision-record.ts'
import { checkAnswerPart, checkQuestion, mediaTypeOf } from '../subject/check-context.ts'
import type { Stage } from '../subject/stage.ts'
import { PartBuffer } from './part-buffer.ts'
import { createWindower, type Window } from './windows.ts'

/** What a gate is given to judge one part or window with. */
export interface GateJudge {
  readonly policy: Policy
  /** Resolved when the first text is judged: a policy binds lazily. */
  thresholds(): Thresholds
  /** Measures a text: a whole part, or a window that begins at `window.start`. */
  measure(
    text: string,
    part: Pick<JudgedPart, 'part' | 'stage' | 'window' | 'media' | 'json'>,
  ): Promise<JudgedPart>
  /** A part that broke a limit. */
  fault(part: Pick<JudgedPart, 'part' | 'stage'>, code: string): JudgedPart
}

/** How an answer ended, for whoever records it and acts on it. */
export interface GateEnd {
  readonly parts: readonly JudgedPart[]
  readonly judgement: Judgement
  /** Milliseconds that the gate took: without the provider's time, and without a reviewer's. */
  readonly elapsedMs: number
  /** Whether the whole answer was judged: false when a block or the caller ended it early. */
  readonly complete: boolean
  /** The caller went away: nobody waits for a decision. */
  readonly cancelled: boolean
  /** The answer with edits applied: what a reviewer's approval releases. */
  readonly answer: () => Answer
  /** The answer as the model gave it. */
  readonly original: () => Answer
}

type WithoutRelease<Step> = Step extends { release: unknown } ? Omit<Step, 'release'> : never

/** Settles an ended answer: waits for a hold, records the decision. */
export type Settle = (end: GateEnd) => Promise<WithoutRelease<Exclude<GateStep, { kind: 'open' }>>>

interface PartState {
  readonly id: string
  readonly index: number
  readonly stage: Stage
  readonly source: Exclude<AnswerPart, { text: string }> | Omit<Extract<AnswerPart, { text: string }>, 'text'>
  /** The text as it came, for a reviewer and for parts that are judged whole. */
  readonly pieces: string[]
  readonly windower: ReturnType<typeof createWindower> | undefined
  /** Holds what windows, or a stage without rules, release piece by piece. */
  readonly buffer: PartBuffer | undefined
  /** The policy says nothing of this stage: what comes is released as it comes. */
  readonly unjudged: boolean
  /** Came whole: it is released in one piece, also when it holds no text. */
  readonly atomic: boolean
  edits: Edit[]
  characters: number
  ended: boolean
  released: boolean
}

/** The stages whose text may come in pieces. */
const STREAMED = ['output', 'reasoning']

const OPEN: GateStep = Object.freeze({ kind: 'open', release: Object.freeze([]) as readonly GateRelease[] })

/**
 * Judges an answer while it arrives, and releases only what has been judged.
 *
 * Where the policy releases whole answers, nothing leaves before `end`. Where it releases windows, text leaves when
 * every window that could change it has been judged; other parts leave when they are complete. A hold stops all
 * release until the whole answer has been decided; a block ends the answer at once.
 */
export function createGate(judging: GateJudge, settle: Settle): StreamGate {
  const { document } = judging.policy
  const output = document.stages.output
  const wholeAnswer = output !== undefined && output.release.kind === 'whole'
  const states = new Map<string, PartState>()
  const judged: JudgedPart[] = []
  let verdict: Verdict = 'allow'
  let characters = 0
  let closed = false
  let busy = false
  let spentMs = 0
  let callBegan = 0
  let ended: Promise<GateStep> | undefined

  function open(id: string, source: PartState['source'], atomic = false): PartState {
    const known = states.get(id)
    if (known) return known
    const release = document.stages[source.stage]?.release
    const windowed = !wholeAnswer && release?.kind === 'window' && !('media' in source) && !isJson(source)
    const unjudged = !wholeAnswer && !document.stages[source.stage]
    const state: PartState = {
      id,
      index: states.size,
      stage: source.stage,
      source,
      pieces: [],
      windower: windowed ? createWindower(release.windowCharacters) : undefined,
      buffer: windowed || unjudged ? new PartBuffer() : undefined,
      unjudged,
      atomic,
      edits: [],
      characters: 0,
      ended: false,
      released: false,
    }
    states.set(id, state)
    return state
  }

  /** Adds a judged part or window; what it alone says is enough to go on with. */
  function take(part: JudgedPart, state: PartState): void {
    judged.push(part)
    const own = judge({ policy: document, parts: [part], thresholds: judging.thresholds() })
    verdict = stricter(verdict, own.verdict)
    state.buffer?.edit(own.edits)
    state.edits.push(...own.edits)
  }

  async function judgeWindow(state: PartState, window: Window): Promise<GateRelease[]> {
    const { buffer } = state
    if (!buffer) return []
    const part = await judging.measure(buffer.read(window), {
      part: state.index,
      stage: state.stage,
      window: { start: window.start, end: window.end },
    })
    take(part, state)
    return releaseUpTo(state, window.releaseTo)
  }

  function releaseUpTo(state: PartState, to: number): GateRelease[] {
    const { buffer } = state
    if (!buffer || verdict !== 'allow') return []
    const text = buffer.release(to)
    buffer.drop(to)
    return text === '' ? [] : [{ id: state.id, text }]
  }

  async function judgeWhole(state: PartState): Promise<GateRelease[]> {
    const { source } = state
    if ('media' in source) {
      take(
        await judging.measure('', {
          part: state.index,
          stage: state.stage,
          media: mediaTypeOf(source.media),
        }),
        state,
      )
    } else {
      const { text, json } = judgedText(state.pieces.join(''), isJson(source))
      const place = { part: state.index, stage: state.stage, ...(json ? { json } : {}) }
      take(await judging.measure(text, place), state)
    }
    return wholeAnswer || verdict !== 'allow' ? [] : releaseWhole(state)
  }

  /** The text of a part that was judged whole, edits applied; a part whose edits cannot be made is a fault. */
  function releaseWhole(state: PartState): GateRelease[] {
    const text = editedText(state)
    if (text === undefined) {
      take(judging.fault({ part: state.index, stage: state.stage }, 'PARAPET_GATE_EDIT_IMPOSSIBLE'), state)
      return []
    }
    state.released = true
    return [{ id: state.id, text }]
  }

  function editedText(state: PartState): string | undefined {
    if ('media' in state.source) return ''
    return judgedText(state.pieces.join(''), isJson(state.source)).edit(state.edits)
  }

  /** Gives a step: goes on, or ends the answer when something blocked it. */
  async function step(release: GateRelease[]): Promise<GateStep> {
    if (verdict !== 'block') return release.length === 0 ? OPEN : { kind: 'open', release }
    return finish(release)
  }

  /** Ends the answer. What an approval or an `allow` sets free leaves after the decision is settled, and not before. */
  function finish(
    release: readonly GateRelease[],
    { complete = false, cancelled = false } = {},
  ): Promise<GateStep> {
    closed = true
    // A caller may go away while a step is being judged: the answer still ends once.
    ended ??= settled(release, complete, cancelled)
    return ended
  }

  async function settled(
    release: readonly GateRelease[],
    complete: boolean,
    cancelled: boolean,
  ): Promise<GateStep> {
    const judgement = judge({ policy: document, parts: judged, thresholds: judging.thresholds() })
    const end = await settle({
      parts: judged,
      judgement,
      elapsedMs: spentMs + (busy ? performance.now() - callBegan : 0),
      complete,
      cancelled,
      answer: () => answer(edited),
      original: () => answer(original),
    })
    const rest = end.kind === 'done' ? [...states.values()].flatMap(remainder) : []
    return { ...end, release: [...release, ...rest] }
  }

  /** What a part still holds back, edits applied. */
  function remainder(state: PartState): GateRelease[] {
    if (state.released) return []
    const text = state.buffer ? state.buffer.release(state.characters) : editedText(state)
    return text === undefined || (text === '' && state.buffer && !state.atomic)
      ? []
      : [{ id: state.id, text }]
  }

  const original = (state: PartState) => state.pieces.join('')
  const edited = (state: PartState) => editedText(state) ?? ''
  function answer(textOf: (state: PartState) => string): Answer {
    return {
      parts: [...states.values()].map(
        (state) =>
          ('media' in state.source ? state.source : { ...state.source, text: textOf(state) }) as AnswerPart,
      ),
    }
  }

  /** Before anything leaves: an edit that cannot be made blocks the answer. */
  function refuseImpossibleEdits(): void {
    for (const state of states.values())
      if (!state.buffer && !state.released && editedText(state) === undefined)
        take(judging.fault({ part: state.index, stage: state.stage }, 'PARAPET_GATE_EDIT_IMPOSSIBLE'), state)
  }

  /** What is left of the answer's budget of characters; the part that breaks it is a fault. */
  function withinLimit(text: string): string {
    const left = document.limits.maxCharacters - characters
    characters += text.length
    return text.length <= left ? text : text.slice(0, left)
  }

  async function add(state: PartState, delta: string): Promise<GateRelease[]> {
    const { windower, buffer } = state
    const within = withinLimit(delta)
    if (within !== '') state.pieces.push(within)
    state.characters += within.length
    const release: GateRelease[] = []
    buffer?.append(within)
    for (const window of windower?.add(within) ?? []) {
      release.push(...(await judgeWindow(state, window)))
      if (verdict === 'block') return release
    }
    if (windower?.overflowed)
      take(judging.fault({ part: state.index, stage: state.stage }, 'PARAPET_GATE_OVERFLOW'), state)
    if (state.unjudged && !(state.atomic && within !== delta))
      release.push(...releaseUpTo(state, state.characters))
    if (within !== delta)
      take(judging.fault({ part: state.index, stage: state.stage }, 'PARAPET_LIMIT_CHARACTERS'), state)
    return release
  }

  async function close(state: PartState): Promise<GateRelease[]> {
    if (state.ended) return []
    state.ended = true
    if (state.unjudged) return []
    if (!state.windower) return judgeWhole(state)
    const last = state.windower.end()
    return last ? judgeWindow(state, last) : []
  }

  /** One call at a time: an adapter awaits each step. A call that fails closes the gate, so that nothing follows it. */
  async function exclusive(work: () => Promise<GateStep>): Promise<GateStep> {
    if (closed) throw sdkError('PARAPET_GATE_CLOSED', undefined)
    if (busy) throw sdkError('PARAPET_GATE_BUSY', undefined)
    busy = true
    callBegan = performance.now()
    try {
      return await work()
    } catch (error) {
      closed = true
      throw error
    } finally {
      spentMs += performance.now() - callBegan
      busy = false
    }
  }

  return {
    push: (id, stage, delta) =>
      exclusive(async () => {
        const known = states.get(id)
        if (!known) checkQuestion(stage, delta, STREAMED)
        else if (known.ended || known.atomic || known.stage !== stage)
          throw sdkError('PARAPET_GATE_PART_OVER', undefined)
        const release = await add(open(id, { stage }), delta)
        return step(release)
      }),
    pushPart: (id, part) =>
      exclusive(async () => {
        checkAnswerPart(part)
        if (states.has(id)) throw sdkError('PARAPET_GATE_PART_OVER', undefined)
        const { text, ...source } = 'media' in part ? { ...part, text: '' } : part
        const state = open(id, source as PartState['source'], true)
        const release = await add(state, text)
        if (state.unjudged && verdict === 'allow') {
          state.released = true
          if (text === '') release.push({ id, text })
        }
        return step(verdict === 'block' ? release : [...release, ...(await close(state))])
      }),
    endPart: (id) =>
      exclusive(async () => {
        const state = states.get(id)
        return state ? step(await close(state)) : OPEN
      }),
    end: () =>
      exclusive(async () => {
        const release: GateRelease[] = []
        for (const state of states.values()) if (verdict !== 'block') release.push(...(await close(state)))
        const complete = verdict !== 'block'
        if (complete) refuseImpossibleEdits()
        return finish(release, { complete })
      }),
    async cancel() {
      if (closed) return
      await finish([], { cancelled: true })
    },
  }
}

function isJson(source: PartState['source']): boolean {
  return 'json' in source && source.json === true
}
