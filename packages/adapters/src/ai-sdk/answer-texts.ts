import type { LanguageModelV4Citation, SharedV4ProviderMetadata } from '@ai-sdk/provider'
import type { GateStep } from '@parapet/sdk'
import { mayHide } from '../answer/may-hide.ts'
import type { AnswerGate } from './answer-gate.ts'
import type { TextEntry } from './answer-ledger.ts'
import { type AnswerStep, NOTHING, type TakenPart } from './answer-step.ts'
import { citationsJson, withCitations } from './citation-text.ts'
import { createJsonBlocks, type JsonBlocks } from './json-blocks.ts'

type Kind = 'text' | 'reasoning'

/** The texts of an answer: blocks that arrive in deltas, each judged as it comes, and their citations. */
export interface AnswerTexts {
  /** Whether the provider has a block of text open. */
  readonly textOpen: boolean
  /** Begins a block, or goes on with it, and keeps its metadata. */
  note(kind: Kind, id: string, metadata: SharedV4ProviderMetadata | undefined): void
  delta(kind: Kind, id: string, text: string): Promise<AnswerStep>
  endBlock(kind: Kind, id: string, citations?: readonly LanguageModelV4Citation[]): Promise<AnswerStep>
  /** Judges the text blocks that were joined, as the one text that structured output is parsed from. */
  endJson(): Promise<AnswerStep>
  /** Ends every block that the provider left open. */
  endAll(): Promise<AnswerStep>
}

/** How the texts of an answer are read. */
export interface AnswerTextsOptions {
  /** The call asked for JSON: text blocks are judged whole, by their leaves. */
  readonly json: boolean
  /** The policy's limit: nothing is gathered beyond it. */
  readonly maxCharacters: number
}

export function createAnswerTexts(
  answer: AnswerGate,
  { json, maxCharacters }: AnswerTextsOptions,
): AnswerTexts {
  const { gate, ledger, rebuild, safe, act } = answer
  const blocks = new Map<string, TextEntry>()
  const jsonBlocks: JsonBlocks = createJsonBlocks(() => ledger.text('text'))

  function block(kind: Kind, id: string): TextEntry {
    const key = `${kind}:${id}`
    const known = blocks.get(key)
    if (known) return known
    const entry = json && kind === 'text' ? jsonBlocks.join() : ledger.text(kind)
    blocks.set(key, entry)
    return entry
  }

  function note(kind: Kind, id: string, metadata: SharedV4ProviderMetadata | undefined): void {
    const entry = block(kind, id)
    entry.metadata = safe(metadata) ?? entry.metadata
  }

  async function delta(kind: Kind, id: string, text: string): Promise<AnswerStep> {
    const entry = block(kind, id)
    if (text === '') return NOTHING
    entry.pushed = true
    entry.watch.push(text)
    if (json && kind === 'text') {
      jsonBlocks.add(text)
      // What is too long is blocked: it need not be gathered to its end.
      return jsonBlocks.characters > maxCharacters ? endJson() : NOTHING
    }
    return act(await gate.push(entry.id, kind === 'text' ? 'output' : 'reasoning', text))
  }

  async function endBlock(
    kind: Kind,
    id: string,
    citations: readonly LanguageModelV4Citation[] = [],
  ): Promise<AnswerStep> {
    const entry = block(kind, id)
    blocks.delete(`${kind}:${id}`)
    if (json && kind === 'text') {
      jsonBlocks.end(citations)
      return NOTHING
    }
    entry.ended = true
    return cite(entry, await gate.endPart(entry.id), citations)
  }

  async function endJson(): Promise<AnswerStep> {
    const joined = jsonBlocks.take()
    if (!joined) return NOTHING
    const { entry, text, citations } = joined
    entry.ended = true
    const ended =
      text === ''
        ? await gate.endPart(entry.id)
        : await gate.pushPart(entry.id, { stage: 'output', text, json: mayHide(text) }, { joined: true })
    return cite(entry, ended, citations)
  }

  async function cite(
    entry: TextEntry,
    ended: GateStep,
    citations: readonly LanguageModelV4Citation[],
  ): Promise<AnswerStep> {
    if (ended.kind !== 'open' || citations.length === 0) return act(ended)
    const cited = ledger.attached(entry, (text) => {
      entry.citations = withCitations(citations, text, rebuild)
    })
    const parts = ledger.release(ended.release)
    const step = act(
      await gate.pushPart(cited, {
        stage: 'output',
        text: citationsJson(citations),
        json: true,
        origin: { kind: 'citations' },
      }),
    )
    return { ...step, parts: [...parts, ...step.parts] }
  }

  async function endAll(): Promise<AnswerStep> {
    const parts: TakenPart[] = []
    const ends = [...blocks].map(
      ([key, { kind }]) =>
        () =>
          endBlock(kind, key.slice(kind.length + 1)),
    )
    for (const end of [...ends, endJson]) {
      const step = await end()
      parts.push(...step.parts)
      if (step.over) return { ...step, parts }
    }
    return { parts }
  }

  return {
    get textOpen() {
      return [...blocks.values()].some(({ kind }) => kind === 'text')
    },
    note,
    delta,
    endBlock,
    endJson,
    endAll,
  }
}
