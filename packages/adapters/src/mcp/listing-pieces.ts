import type { Prompt, Resource, ResourceTemplate, Tool } from '@modelcontextprotocol/sdk/types.js'
import { json, type Piece, text } from '../tool-call/piece.ts'

/** The members that are not undefined. */
const defined = <Members extends object>(given: Members): Members =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Members

/**
 * Something that a server lists. What it says of itself is a text that a model reads, and is judged as one; the rest of
 * it, schemas among it, by its leaves.
 */
function listed<Item extends { description?: string | undefined }>(
  description: string | undefined,
  rest: object,
  untouched: object = {},
): Piece<Item> {
  const said = description === undefined ? undefined : text(description)
  const others = json(defined(rest))
  return {
    parts: [...(said?.parts ?? []), ...others.parts],
    with(texts) {
      const [first, ...more] = texts
      return {
        ...untouched,
        ...others.with(said ? more : texts),
        ...(said ? { description: first } : {}),
      } as unknown as Item
    },
  }
}

export function toolPiece(tool: Tool): Piece<Tool> {
  const { name, title, description, inputSchema, outputSchema, annotations, execution } = tool
  const taskSupport = execution?.taskSupport
  return listed<Tool>(
    description,
    { name, title, inputSchema, outputSchema, annotations },
    taskSupport === undefined ? {} : { execution: { taskSupport } },
  )
}

export function promptListingPiece(prompt: Prompt): Piece<Prompt> {
  const { name, title, description, arguments: given } = prompt
  return listed<Prompt>(description, { name, title, arguments: given })
}

export function resourceListingPiece(resource: Resource): Piece<Resource> {
  const { name, title, description, uri, mimeType, size } = resource
  return listed<Resource>(
    description,
    { name, title, uri, mimeType },
    typeof size === 'number' ? { size } : {},
  )
}

export function templatePiece(template: ResourceTemplate): Piece<ResourceTemplate> {
  const { name, title, description, uriTemplate, mimeType } = template
  return listed<ResourceTemplate>(description, { name, title, uriTemplate, mimeType })
}
