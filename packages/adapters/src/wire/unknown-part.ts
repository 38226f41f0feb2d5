import { adapterError } from '../errors/codes.ts'

/** A part of a kind that this version cannot judge. Its kind is named in a plain form only: it may be anybody's words. */
export function unknownPart(type: unknown, where: 'answer' | 'prompt'): Error {
  const named = typeof type === 'string' && /^[\w-]{1,40}$/.test(type) ? type : '?'
  return adapterError('PARAPET_ADAPTER_PART_UNKNOWN', { type: named, where })
}
