import type { Judgement, Verdict } from '../decision/decision.ts'
import { stricter } from '../decision/join.ts'
import { judge } from '../decision/judge.ts'
import { sdkError } from '../errors/codes.ts'
import type { Answer, AnswerPart, GateRelease, GateStep, PushOptions, StreamGate } from '../guard/guard.ts'
import { judgedText } from '../pipeline/judged-text.ts'
import type { Policy } from '../policy/policy.ts'
import type { JudgedPart, Thresholds } from '../record/decision-record.ts'
import { checkAnswerPart, checkQuestion, mediaTypeOf } from '../subject/check-context.ts'
import type { Stage } from '../subject/stage.ts'
import { ContinuedText, type TextWindow } from './continued-text.ts'
import {
  editedText,
  type GatePart,
  isJson,
  type JoinedTexts,
  originalText,
  ownText,
  type PartSource,
  type WindowedTexts,
} from './gate-part.ts'

/** What a gate is given to judge one part or window with. */
export interface GateJudge {
  readonly policy: Policy
  /** Resolved when the first text is judged: a policy binds lazily. */
  thresholds(): Thresholds
  /** Measures a text: a whole part, or a window that begins at `window.start`. */
  measure(
    text: string,
    part: Pick<JudgedPart, 'part' | 'stage' | 'window' | 'media' | 'json' | 'joins'>,
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

/** The stages whose text may come in pieces. */
const STREAMED = ['output', 'reasoning']

const OPEN: GateStep = Object.freeze({ kind: 'open', release: Object.freeze([]) as readonly GateRelease[] })

/**
 * Judges an answer while it arrives, and releases only what has been judged.
 *
 * Where the policy releases whole answers, nothing leaves before `end`. Where it releases windows, text leaves when
 * every window that could change it has been judged; other parts leave when they are complete and what stands before
 * them is out. Texts of one stage are judged each alone and as the one text that they are together. A hold stops all
 * release until the whole answer has been decided; a block ends the answer at once.
 */
export function createGate(judging: GateJudge, settle: Settle): StreamGate {
  const { document } = judging.policy
  const output = document.stages.output
  const wholeAnswer = output !== undefined && output.release.kind === 'whole'
  const states = new Map<string, GatePart>()
  /** The parts that are not out to their end, in the order in which they began. */
  const order = new Set<GatePart>()
  /** Texts that may go on, by stage: released in windows, and judged whole. */
  const windowed = new Map<Stage, WindowedTexts>()
  const joined = new Map<Stage, JoinedTexts>()
  /** Texts that something was judged of as one text. */
  const marked: JoinedTexts[] = []
  const judged: JudgedPart[] = []
  let verdict = 'allow' as Verdict
  let characters = 0
  let closed = false
  let busy = false
  let spentMs = 0
  let callBegan = 0
  let ended: Promise<GateStep> | undefined
  /** The last part that is a text of the answer itself. */
  let lastOutput = -1

  function open(id: string, source: PartSource, { atomic = false, goesOn = false } = {}): GatePart {
    const known = states.get(id)
    if (known) return known
    const { stage } = source
    const release = document.stages[stage]?.release
    const unjudged = !wholeAnswer && !document.stages[stage]
    const inWindows =
      !wholeAnswer && release?.kind === 'window' && !('media' in source) && !isJson({ source })
    const texts = inWindows ? windowsFor(stage, release.windowCharacters, goesOn && !atomic) : undefined
    const whole = goesOn && !unjudged && (atomic || !inWindows)
    const part: GatePart = {
      id,
      index: states.size,
      stage,
      source,
      pieces: [],
      windowed: texts,
      joined: whole ? joinedFor(stage) : texts?.joined,
      waits: whole,
      unjudged,
      atomic,
      block: undefined,
      later: '',
      ready: [],
      passed: 0,
      edits: [],
      ended: false,
      released: false,
    }
    states.set(id, part)
    order.add(part)
    texts?.turns.push(part)
    part.joined?.parts.push(part)
    return part
  }

  function windowsFor(stage: Stage, windowCharacters: number, goesOn: boolean): WindowedTexts {
    const known = goesOn ? windowed.get(stage) : undefined
    if (known) return known
    const text = new ContinuedText(windowCharacters)
    const texts = { text, joined: joinedTexts(stage), goesOn, owners: new Map(), turns: [] }
    if (goesOn) windowed.set(stage, texts)
    return texts
  }

  function joinedFor(stage: Stage): JoinedTexts {
    const known = joined.get(stage)
    if (known) return known
    const texts = joinedTexts(stage)
    joined.set(stage, texts)
    return texts
  }

  /** The number that a part of several texts has until the answer is over: those of the parts come first. */
  function markOf(texts: JoinedTexts): number {
    if (texts.mark === undefined) texts.mark = -marked.push(texts)
    return texts.mark
  }

  /** Adds a judged part or window; what it alone says is enough to go on with. Returns whether it is to be cut. */
  function take(part: JudgedPart, of: GatePart | JoinedTexts): Judgement['edits'] {
    judged.push(part)
    const own = judge({ policy: document, parts: [part], thresholds: judging.thresholds() })
    verdict = stricter(verdict, own.verdict)
    of.edits.push(...own.edits)
    const texts = 'parts' in of ? of : of.joined
    if (texts) texts.edited = undefined
    return own.edits
  }

  function fault({ index, stage }: GatePart, code: string): JudgedPart {
    return judging.fault({ part: index, stage }, code)
  }

  async function judgeWindow(texts: WindowedTexts, window: TextWindow): Promise<GateRelease[]> {
    const { text, owners, joined: together } = texts
    if (!window.known) {
      const part = window.block && owners.get(window.block)
      const measured = await judging.measure(text.read(window), {
        part: part ? part.index : markOf(together),
        stage: together.stage,
        window: { start: window.start, end: window.end },
      })
      text.edit(window, take(measured, part ?? together))
    }
    text.pass(window)
    return releaseWindows(texts)
  }

  function releaseWindows({ text, owners }: WindowedTexts): GateRelease[] {
    if (verdict !== 'allow') return []
    for (const released of text.release()) {
      const part = owners.get(released.block)
      if (part && !part.waits && released.text !== '') part.ready.push(released.text)
    }
    return inOrder()
  }

  async function judgeWindows(texts: WindowedTexts, windows: readonly TextWindow[]): Promise<GateRelease[]> {
    const release: GateRelease[] = []
    for (const window of windows) {
      release.push(...(await judgeWindow(texts, window)))
      if (verdict === 'block') break
    }
    return release
  }

  const isBlocked = (): boolean => verdict === 'block'

  /** Reads what came of texts that are released in windows, as far as it is its turn. */
  async function advance(texts: WindowedTexts): Promise<GateRelease[]> {
    const { text, owners, turns, goesOn } = texts
    const release: GateRelease[] = []
    for (let part = turns[0]; part; part = turns[0]) {
      if (!part.block) {
        part.block = text.begin()
        owners.set(part.block, part)
      }
      const { later } = part
      part.later = ''
      const windows = text.add(later)
      // Most pieces complete none.
      if (windows.length > 0) release.push(...(await judgeWindows(texts, windows)))
      if (isBlocked()) break
      if (text.overflowed) take(fault(part, 'PARAPET_GATE_OVERFLOW'), part)
      if (!part.ended || isBlocked()) break
      turns.shift()
      release.push(...(await judgeWindows(texts, text.endBlock())))
      if (isBlocked()) break
      release.push(...(!goesOn || isLeftBehind(part) ? await settleWindows(texts) : inOrder()))
      if (isBlocked()) break
    }
    return release
  }

  const settleWindows = (texts: WindowedTexts) => judgeWindows(texts, texts.text.settle())

  /** Reasoning does not wait for more of it once the answer itself has begun: all of that would wait with it. */
  const isLeftBehind = ({ stage, index }: GatePart): boolean => stage === 'reasoning' && lastOutput > index

  /** The answer itself begins: what waits in reasoning that is over waits no longer. */
  async function leaveReasoning(): Promise<GateRelease[]> {
    const release: GateRelease[] = []
    const texts = windowed.get('reasoning')
    if (texts?.turns.length === 0) release.push(...(await settleWindows(texts)))
    if (verdict !== 'block') release.push(...(await settleWhole(joined.get('reasoning'))))
    return release
  }

  /** Judges texts that were judged whole as the one text that they are, and sets them free. Later texts begin another. */
  async function settleWhole(texts: JoinedTexts | undefined): Promise<GateRelease[]> {
    if (!texts?.parts.every((part) => part.ended)) return []
    joined.delete(texts.stage)
    await judgeJoined(texts)
    if (!wholeAnswer) for (const part of texts.parts) setFree(part)
    return inOrder()
  }

  async function judgeJoined(texts: JoinedTexts): Promise<void> {
    const parts = texts.parts.filter((part) => originalText(part) !== '')
    const json = parts.some(isJson)
    const pieces = parts.map(json ? ownText : originalText)
    if (parts.length < 2 || pieces.includes(undefined)) return
    const together = judgedText(pieces.join(''), json)
    const place = { part: markOf(texts), stage: texts.stage }
    const edits = take(
      await judging.measure(together.text, { ...place, ...(together.json ? { json: true } : {}) }),
      texts,
    )
    if (json && edits.length > 0) take(judging.fault(place, 'PARAPET_GATE_EDIT_IMPOSSIBLE'), texts)
  }

  async function judgeWhole(part: GatePart): Promise<GateRelease[]> {
    const { source } = part
    const place = { part: part.index, stage: part.stage }
    if ('media' in source) {
      take(await judging.measure('', { ...place, media: mediaTypeOf(source.media) }), part)
    } else {
      const { text, json } = judgedText(originalText(part), isJson(part))
      take(await judging.measure(text, { ...place, ...(json ? { json } : {}) }), part)
    }
    if (!wholeAnswer && !part.waits) setFree(part)
    return part.waits && isLeftBehind(part) ? settleWhole(part.joined) : inOrder()
  }

  /** Sets a part free that was judged whole; one whose edits cannot be made is a fault. */
  function setFree(part: GatePart): void {
    if (verdict !== 'allow') return
    const text = editedText(part)
    if (text === undefined) {
      take(fault(part, 'PARAPET_GATE_EDIT_IMPOSSIBLE'), part)
      return
    }
    part.released = true
    part.ready.push(text)
  }

  function isOut(part: GatePart): boolean {
    if (part.unjudged) return part.ended
    if (!part.windowed || part.waits) return part.released
    return part.block !== undefined && part.windowed.text.isOut(part.block)
  }

  /** What may leave now: nothing before the end of what began earlier and is over. */
  function inOrder(): GateRelease[] {
    if (verdict !== 'allow') return []
    const release: GateRelease[] = []
    for (const part of order) {
      for (const text of part.ready.splice(0)) release.push({ id: part.id, text })
      if (isOut(part)) order.delete(part)
      else if (part.ended) break
    }
    return release
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
    const parts = judged.map(numbered)
    const judgement = judge({ policy: document, parts, thresholds: judging.thresholds() })
    const end = await settle({
      parts,
      judgement,
      elapsedMs: spentMs + (busy ? performance.now() - callBegan : 0),
      complete,
      cancelled,
      answer: () => answer((part) => editedText(part) ?? ''),
      original: () => answer(originalText),
    })
    const rest = end.kind === 'done' ? [...states.values()].flatMap(remainder) : []
    return { ...end, release: [...release, ...rest] }
  }

  /** A judged part as it is recorded: what was judged joined is numbered after all parts, so that it moves none. */
  function numbered(part: JudgedPart): JudgedPart {
    const texts = marked[-part.part - 1]
    if (!texts) return part
    const [first, last] = [texts.parts[0], texts.parts.at(-1)]
    const joins = { first: first?.index ?? 0, last: last?.index ?? 0 }
    return { ...part, part: states.size - part.part - 1, joins }
  }

  /** What a part still holds back, edits applied. */
  function remainder(part: GatePart): GateRelease[] {
    const { id, ready, released, windowed: texts, block, waits, atomic } = part
    const inPieces = part.unjudged || (texts !== undefined && !waits)
    const rest = released
      ? ''
      : part.unjudged
        ? originalText(part).slice(part.passed)
        : texts && block && !waits
          ? texts.text.rest(block)
          : editedText(part)
    if (rest === undefined || (released && ready.length === 0)) return []
    const text = ready.join('') + rest
    return text === '' && inPieces && !atomic ? [] : [{ id, text }]
  }

  function answer(textOf: (part: GatePart) => string): Answer {
    return {
      parts: [...states.values()].map(
        (part) =>
          ('media' in part.source ? part.source : { ...part.source, text: textOf(part) }) as AnswerPart,
      ),
    }
  }

  /** Before anything leaves: an edit that cannot be made blocks the answer. */
  function refuseImpossibleEdits(): void {
    for (const part of states.values())
      if (!part.windowed && !part.released && editedText(part) === undefined)
        take(fault(part, 'PARAPET_GATE_EDIT_IMPOSSIBLE'), part)
  }

  /** What is left of the answer's budget of characters; the part that breaks it is a fault. */
  function withinLimit(text: string): string {
    const left = document.limits.maxCharacters - characters
    characters += text.length
    return text.length <= left ? text : text.slice(0, left)
  }

  async function add(part: GatePart, delta: string): Promise<GateRelease[]> {
    const within = withinLimit(delta)
    if (within !== '') part.pieces.push(within)
    const release: GateRelease[] = []
    if (within !== '' && part.stage === 'output' && !part.atomic && lastOutput < part.index) {
      lastOutput = part.index
      if (!wholeAnswer) release.push(...(await leaveReasoning()))
      if (verdict === 'block') return release
    }
    if (part.windowed) {
      part.later += within
      release.push(...(await advance(part.windowed)))
      if (verdict === 'block') return release
    }
    if (part.unjudged && verdict === 'allow' && !(part.atomic && within !== delta)) {
      part.passed += within.length
      if (within !== '' || part.atomic) part.ready.push(within)
      release.push(...inOrder())
    }
    if (within !== delta) take(fault(part, 'PARAPET_LIMIT_CHARACTERS'), part)
    return release
  }

  async function close(part: GatePart): Promise<GateRelease[]> {
    if (part.ended) return []
    part.ended = true
    if (part.unjudged) return inOrder()
    if (!part.windowed) return judgeWhole(part)
    return advance(part.windowed)
  }

  async function closeAll(): Promise<GateRelease[]> {
    const release: GateRelease[] = []
    const work = [
      ...[...states.values()].map((part) => () => close(part)),
      ...[...windowed.values()].map((texts) => () => settleWindows(texts)),
      ...[...joined.values()].map((texts) => () => settleWhole(texts)),
    ]
    for (const each of work) if (verdict !== 'block') release.push(...(await each()))
    return release
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
    push: (id, stage, delta, { joined: goesOn = true }: PushOptions = {}) =>
      exclusive(async () => {
        const known = states.get(id)
        if (!known) checkQuestion(stage, delta, STREAMED)
        else if (known.ended || known.atomic || known.stage !== stage)
          throw sdkError('PARAPET_GATE_PART_OVER', undefined)
        const release = await add(open(id, { stage }, { goesOn }), delta)
        return step(release)
      }),
    pushPart: (id, given, { joined: goesOn = false }: PushOptions = {}) =>
      exclusive(async () => {
        checkAnswerPart(given)
        if (states.has(id)) throw sdkError('PARAPET_GATE_PART_OVER', undefined)
        const { text, ...source } = 'media' in given ? { ...given, text: '' } : given
        const joins = goesOn && STREAMED.includes(given.stage) && !('media' in given)
        const part = open(id, source as PartSource, { atomic: true, goesOn: joins })
        const release = await add(part, text)
        if (part.unjudged && verdict === 'allow') part.released = true
        return step(verdict === 'block' ? release : [...release, ...(await close(part))])
      }),
    endPart: (id) =>
      exclusive(async () => {
        const part = states.get(id)
        return part ? step(await close(part)) : OPEN
      }),
    end: () =>
      exclusive(async () => {
        const release = await closeAll()
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

const joinedTexts = (stage: Stage): JoinedTexts => ({
  stage,
  parts: [],
  edits: [],
  mark: undefined,
  edited: undefined,
})
