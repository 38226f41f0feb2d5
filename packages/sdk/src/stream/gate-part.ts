import type { Edit } from '../decision/decision.ts'
import { editPieces } from '../decision/edit-pieces.ts'
import type { AnswerPart } from '../guard/guard.ts'
import { judgedText } from '../pipeline/judged-text.ts'
import type { Stage } from '../subject/stage.ts'
import type { ContinuedText, TextBlock } from './continued-text.ts'

type TextSource = Omit<Extract<AnswerPart, { text: string }>, 'text'>
export type PartSource = Exclude<AnswerPart, { text: string }> | TextSource

/** Texts of one stage that are judged together, as the one text that they are for a reader. */
export interface JoinedTexts {
  readonly stage: Stage
  readonly parts: GatePart[]
  /** What is cut out of all of them together; offsets count in their texts, one after the other. */
  readonly edits: Edit[]
  /** Stands for its number until the answer is over: below zero; undefined while nothing was judged joined. */
  mark: number | undefined
  /** The parts' texts with edits applied, until another edit comes. */
  edited: ReadonlyMap<GatePart, string | undefined> | undefined
}

/** Texts that are released in windows, one after the other. */
export interface WindowedTexts {
  readonly text: ContinuedText
  readonly joined: JoinedTexts
  /** Whether another text may go on with it. */
  readonly goesOn: boolean
  readonly owners: Map<TextBlock, GatePart>
  /** The parts that are not judged to their end. The first is being read; those after it wait for their turn. */
  readonly turns: GatePart[]
}

/** A part of an answer on its way through the gate. */
export interface GatePart {
  readonly id: string
  readonly index: number
  readonly stage: Stage
  readonly source: PartSource
  /** The text as it came, for a reviewer and for parts that are judged whole. */
  readonly pieces: string[]
  /** Where it is released in windows. */
  readonly windowed: WindowedTexts | undefined
  /** The texts that it is judged together with. */
  readonly joined: JoinedTexts | undefined
  /** Nothing of it is released before the texts that it is joined with have been judged together. */
  readonly waits: boolean
  /** The policy says nothing of this stage: what comes is released as it comes. */
  readonly unjudged: boolean
  /** Came whole: it is released in one piece, also when it holds no text. */
  readonly atomic: boolean
  block: TextBlock | undefined
  /** What came before its turn. */
  later: string
  /** Judged, and waiting for what stands before it. */
  ready: string[]
  /** Units of an unjudged text that were set free. */
  passed: number
  edits: Edit[]
  ended: boolean
  /** All of it was set free. */
  released: boolean
}

export const isJson = ({ source }: Pick<GatePart, 'source'>): boolean =>
  'json' in source && source.json === true

export const originalText = ({ pieces }: GatePart): string => pieces.join('')

/** A part's text with the edits of its own applied; undefined where JSON does not bear them. */
export function ownText(part: GatePart): string | undefined {
  if ('media' in part.source) return ''
  return judgedText(originalText(part), isJson(part)).edit(part.edits)
}

/** A part's text with all edits applied; undefined where JSON does not bear them. */
export function editedText(part: GatePart): string | undefined {
  const { joined } = part
  if (!joined || joined.edits.length === 0) return ownText(part)
  joined.edited ??= editedTexts(joined)
  return joined.edited.get(part)
}

function editedTexts({ parts, edits }: JoinedTexts): ReadonlyMap<GatePart, string | undefined> {
  // Joined, JSON is cut nowhere: an edit of it is a fault.
  if (parts.some(isJson)) return new Map(parts.map((part) => [part, ownText(part)]))
  const texts = editPieces(parts.map(originalText), {
    ofJoined: edits,
    ofPiece: (index) => parts[index]?.edits ?? [],
  })
  return new Map(parts.map((part, index) => [part, texts[index]]))
}
