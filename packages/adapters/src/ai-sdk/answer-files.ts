import type {
  LanguageModelV4CustomContent,
  LanguageModelV4File,
  LanguageModelV4ReasoningFile,
  LanguageModelV4Source,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider'
import type { JsonObject } from '@parapet/sdk'
import { defined, flags, knownMediaType } from '../answer/known-forms.ts'
import { textFile } from '../answer/text-file.ts'
import type { AnswerGate } from './answer-gate.ts'
import type { AnswerStep } from './answer-step.ts'
import { sourceJson, withSource } from './citation-text.ts'
import { knownKind } from './known-members.ts'

/** What of an answer comes in one piece beside its texts and tools: files, sources, a provider's own parts. */
export interface AnswerFiles {
  file(part: LanguageModelV4File): Promise<AnswerStep>
  mediaFile(part: LanguageModelV4File | LanguageModelV4ReasoningFile): Promise<AnswerStep>
  custom(part: LanguageModelV4CustomContent): Promise<AnswerStep>
  source(part: LanguageModelV4Source): Promise<AnswerStep>
}

export function createAnswerFiles({ idOf, rebuild, holder, pushWhole }: AnswerGate): AnswerFiles {
  function file(part: LanguageModelV4File): Promise<AnswerStep> {
    const { providerMetadata } = part
    const mediaType = knownMediaType(part.mediaType)
    const readable = textFile(part.mediaType, part.data)
    if (!readable) return mediaFile(part)
    // A file leaves in one piece, so it is judged as one: a JSON text by its leaves, any other as a single leaf.
    const whole = isJson(readable.text)
    const text = whole ? readable.text : JSON.stringify(readable.text)
    const fileText = (released: string): string => (whole ? released : JSON.parse(released))
    const origin = { kind: 'file', mediaType, ...flags({ leaf: !whole }) }
    return pushWhole({ stage: 'output', text, json: true, origin }, (released) => {
      const unedited = released === text
      // What a `data:` URL says of itself is free text.
      const data = unedited && part.data.type === 'data' ? part.data : readable.with(fileText(released))
      return [
        {
          type: 'file',
          mediaType,
          data: data as LanguageModelV4File['data'],
          ...(unedited ? holder(providerMetadata) : {}),
        },
      ]
    })
  }

  function mediaFile({
    type,
    mediaType,
    data,
    providerMetadata,
  }: LanguageModelV4File | LanguageModelV4ReasoningFile): Promise<AnswerStep> {
    const known = knownMediaType(mediaType)
    const content =
      data.type === 'url'
        ? { type: 'url' as const, url: data.url }
        : { type: 'data' as const, data: data.data }
    return media({ type, mediaType: known, data: content, ...holder(providerMetadata) }, known)
  }

  /** What a provider's own part holds is all in its metadata, which nothing here can read. */
  function custom({ kind, providerMetadata }: LanguageModelV4CustomContent): Promise<AnswerStep> {
    const known = knownKind(kind)
    return media({ type: 'custom', kind: known, ...defined({ providerMetadata }) }, `custom/${known}`)
  }

  /** What nothing can read goes to `onAbstain`, and passes as it is or not at all. */
  function media(part: LanguageModelV4StreamPart, mediaType: string): Promise<AnswerStep> {
    return pushWhole({ stage: 'output', media: mediaType, origin: { kind: 'media' } }, () => [part])
  }

  function source(part: LanguageModelV4Source): Promise<AnswerStep> {
    const { sourceType } = part
    const mediaType = 'mediaType' in part ? knownMediaType(part.mediaType) : undefined
    const origin: JsonObject = {
      kind: 'source',
      id: idOf(part.id),
      sourceType: sourceType === 'document' ? 'document' : 'url',
      ...defined({ mediaType }),
    }
    return pushWhole({ stage: 'output', text: sourceJson(part), json: true, origin }, (text) => [
      withSource(part, text, rebuild),
    ])
  }

  return { file, mediaFile, custom, source }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
