import type {
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider'
import { defined, knownHeaders } from '../answer/known-forms.ts'
import type { TakenPart } from './answer-step.ts'
import type { GuardedAnswer } from './guarded-answer.ts'
import { knownRequest, knownResponse, knownUsage, knownWarnings } from './known-members.ts'
import type { ResolvedMiddlewareOptions } from './options.ts'

/** A whole answer as the parts that a stream of it would have. Metadata and citations stand at the end of their block. */
export function* answerParts(result: LanguageModelV4GenerateResult): Generator<TakenPart> {
  for (const [index, part] of result.content.entries()) yield* contentParts(part, String(index))
  if (result.structuredOutputText !== undefined)
    yield { type: 'structured-text', text: result.structuredOutputText }
  const { usage, finishReason, providerMetadata } = result
  yield { type: 'finish', usage, finishReason, ...(providerMetadata ? { providerMetadata } : {}) }
}

function* contentParts(part: LanguageModelV4Content, id: string): Generator<LanguageModelV4StreamPart> {
  if (part.type !== 'text' && part.type !== 'reasoning') return yield part
  const metadata = part.providerMetadata ? { providerMetadata: part.providerMetadata } : {}
  yield { type: `${part.type}-start`, id }
  yield { type: `${part.type}-delta`, id, delta: part.text }
  if (part.type === 'reasoning') yield { type: 'reasoning-end', id, ...metadata }
  else yield { type: 'text-end', id, ...metadata, ...(part.citations ? { citations: part.citations } : {}) }
}

type TextContent = Extract<LanguageModelV4Content, { type: 'text' | 'reasoning' }>

/** Released parts as the content of a whole answer. */
export function contentOf(parts: readonly TakenPart[]): LanguageModelV4Content[] {
  const content: LanguageModelV4Content[] = []
  const blocks = new Map<string, TextContent>()
  for (const part of parts) {
    switch (part.type) {
      case 'text-start':
      case 'reasoning-start': {
        const block: TextContent = { type: part.type === 'text-start' ? 'text' : 'reasoning', text: '' }
        blocks.set(part.id, block)
        content.push(block)
        break
      }
      case 'text-delta':
      case 'reasoning-delta': {
        const block = blocks.get(part.id)
        if (block) block.text += part.delta
        break
      }
      case 'text-end':
      case 'reasoning-end': {
        const block = blocks.get(part.id)
        if (!block) break
        if (part.providerMetadata && Object.keys(part.providerMetadata).length > 0)
          block.providerMetadata = part.providerMetadata
        if (part.type === 'text-end' && part.citations && block.type === 'text')
          block.citations = part.citations
        break
      }
      case 'tool-call':
      case 'tool-result':
      case 'tool-approval-request':
      case 'file':
      case 'reasoning-file':
      case 'custom':
      case 'source':
        content.push(part)
        break
      default:
      // The rest is no content: it stands beside it, or in streams alone.
    }
  }
  return content
}

/** Judges a whole answer: it gets what a stream of it would have got, to the character. */
export async function guardedGenerate(
  result: LanguageModelV4GenerateResult,
  answer: GuardedAnswer,
  options: ResolvedMiddlewareOptions,
): Promise<LanguageModelV4GenerateResult> {
  const parts: TakenPart[] = []
  let over: 'done' | 'filtered' | undefined
  for (const part of answerParts(result)) {
    const step = await answer.take(part)
    parts.push(...step.parts)
    over = step.over
    if (over) break
  }
  const finish = parts.find((part) => part.type === 'finish')
  if (!finish) throw new TypeError('An answer that is over ends with its finish.')
  const structured = parts.find((part) => part.type === 'structured-text')
  const content = contentOf(parts)
  // The body is the answer once more: it leaves only where nothing of the answer was withheld or edited.
  const keepsBody =
    options.raw === 'after-decision' && over === 'done' && sameContent(result.content, content)
  const whole = over === 'done'
  const { response } = result
  return {
    content,
    finishReason: finish.finishReason,
    // What was used is used, whatever became of the answer.
    usage: whole ? finish.usage : knownUsage(result.usage),
    warnings: whole ? knownWarnings(result.warnings) : [],
    ...(finish.providerMetadata ? { providerMetadata: finish.providerMetadata } : {}),
    ...(structured ? { structuredOutputText: structured.text } : {}),
    ...(whole ? knownRequest(result.request) : {}),
    ...(response ? { response: safeResponse(response, { whole, keepsBody }) } : {}),
  }
}

type Response = NonNullable<LanguageModelV4GenerateResult['response']>

/** After a block, the time and the model are all that is said of the response. */
function safeResponse(
  response: Response,
  { whole, keepsBody }: { readonly whole: boolean; readonly keepsBody: boolean },
): Response {
  const { id, ...known } = knownResponse(response)
  if (!whole) return known
  return {
    ...known,
    ...defined({ id, headers: knownHeaders(response.headers) }),
    ...(keepsBody ? { body: response.body } : {}),
  }
}

/** Whether all text is there as it was; metadata aside. */
function sameContent(
  before: readonly LanguageModelV4Content[],
  after: readonly LanguageModelV4Content[],
): boolean {
  const texts = (content: readonly LanguageModelV4Content[]) =>
    JSON.stringify(
      content.filter((part) => part.type !== 'text' || part.text !== ''),
      (key, value) => (key === 'providerMetadata' ? undefined : value),
    )
  return texts(before) === texts(after)
}
