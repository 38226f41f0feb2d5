import type {
  CallToolResult,
  ContentBlock,
  GetPromptResult,
  PromptMessage,
  ReadResourceResult,
  SamplingMessage,
  SamplingMessageContentBlock,
} from '@modelcontextprotocol/sdk/types.js'
import { adapterError } from '../errors/codes.ts'
import { fixed, json, list, media, members, type Piece, text } from '../tool-call/piece.ts'

type Resource = ReadResourceResult['contents'][number]

/*
 * Everything is built anew from the members that are known, so that what a server puts beside them (`_meta`,
 * annotations, icons) reaches nobody unjudged.
 */

const optional = (value: string | undefined): Piece<string> | undefined =>
  value === undefined ? undefined : text(value)

function unknown(type: unknown): Error {
  const named = typeof type === 'string' && /^[\w-]{1,40}$/.test(type) ? type : '?'
  return adapterError('PARAPET_ADAPTER_PART_UNKNOWN', { type: named, where: 'tool result' })
}

/** What a resource holds. Its address is text too: a model reads it. */
export function resourcePiece(resource: Resource): Piece<Resource> {
  const { uri, mimeType } = resource
  const named = { uri: text(uri), mimeType: optional(mimeType) }
  if ('text' in resource) return members({ ...named, text: text(resource.text) }) as Piece<Resource>
  const blob = media(mimeType, resource.blob)
  return members({ ...named, blob }) as Piece<Resource>
}

/** A block of a result, a prompt, or a message. @throws PARAPET_ADAPTER_PART_UNKNOWN */
export function blockPiece(block: ContentBlock): Piece<ContentBlock> {
  switch (block.type) {
    case 'text':
      return members({ type: fixed(block.type), text: text(block.text) }) as Piece<ContentBlock>
    case 'image':
    case 'audio': {
      // What a server calls the kind of a picture is its own words.
      const { type, data, mimeType } = block
      return members({
        type: fixed(type),
        data: media(mimeType, data),
        mimeType: text(mimeType),
      }) as Piece<ContentBlock>
    }
    case 'resource':
      return members({
        type: fixed(block.type),
        resource: resourcePiece(block.resource),
      }) as Piece<ContentBlock>
    case 'resource_link': {
      const { type, size, uri, name, title, description, mimeType } = block
      const link = json({ uri, name, title, description, mimeType })
      return {
        parts: link.parts,
        with: (texts) =>
          ({ type, ...(typeof size === 'number' ? { size } : {}), ...link.with(texts) }) as ContentBlock,
      }
    }
    default:
      throw unknown((block as { type?: unknown }).type)
  }
}

/** The result of a tool: its blocks, and the structured content that says the same. */
export function toolResultPiece(result: CallToolResult): Piece<CallToolResult> {
  const { content, structuredContent, isError } = result
  return members({
    content: list((content ?? []).map(blockPiece)),
    structuredContent: structuredContent === undefined ? undefined : json(structuredContent),
    isError: isError === undefined ? undefined : fixed(isError),
  }) as Piece<CallToolResult>
}

export function readResourcePiece({ contents }: ReadResourceResult): Piece<ReadResourceResult> {
  return members({ contents: list(contents.map(resourcePiece)) }) as Piece<ReadResourceResult>
}

export function promptPiece({ description, messages }: GetPromptResult): Piece<GetPromptResult> {
  const message = ({ role, content }: PromptMessage) =>
    members({ role: fixed(role), content: blockPiece(content) }) as Piece<PromptMessage>
  return members({
    description: optional(description),
    messages: list(messages.map(message)),
  }) as Piece<GetPromptResult>
}

/** A block of a message that a server asks a model with: results of tools among them. */
function samplingBlockPiece(block: SamplingMessageContentBlock): Piece<unknown> {
  if (block.type === 'tool_use') {
    const { type, id, name, input } = block
    return json({ type, id, name, input })
  }
  if (block.type === 'tool_result') {
    const { type, toolUseId, isError } = block
    return members({
      type: fixed(type),
      toolUseId: text(toolUseId),
      content: list(block.content.map(blockPiece)),
      structuredContent: block.structuredContent === undefined ? undefined : json(block.structuredContent),
      isError: isError === undefined ? undefined : fixed(isError),
    })
  }
  return blockPiece(block)
}

export function samplingMessagePiece({ role, content }: SamplingMessage): Piece<SamplingMessage> {
  const blocks = Array.isArray(content) ? list(content.map(samplingBlockPiece)) : samplingBlockPiece(content)
  return members({ role: fixed(role), content: blocks }) as unknown as Piece<SamplingMessage>
}
