import { type BodyLimits, bodyChunks } from './body-chunks.ts'
import { decode } from './read-body.ts'

/** A body's lines as they arrive, blank ones left out. Its bounds hold for each line too, since a line is part of it. */
export async function* bodyLines(request: Request, limits: BodyLimits): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let pieces: string[] = []
  for await (const chunk of bodyChunks(request, limits, 'pause')) {
    const [first = '', ...others] = decode(decoder, chunk).split('\n')
    pieces.push(first)
    for (const next of others) {
      const line = pieces.join('')
      pieces = [next]
      if (line.trim() !== '') yield line
    }
  }
  const last = [...pieces, decode(decoder)].join('')
  if (last.trim() !== '') yield last
}
