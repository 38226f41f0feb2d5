import { unknownPart } from '../wire/unknown-part.ts'
import { isObject } from '../wire/wire-object.ts'
import type { AskedRequest } from './protocol.ts'

/** Reads the arguments of a text generation: one text. They are the caller's own copy. @throws PARAPET_ADAPTER_PART_UNKNOWN */
export function textRequest(args: Record<string, unknown>): AskedRequest {
  const { inputs, parameters, model } = args
  if (typeof inputs !== 'string') throw unknownPart('inputs', 'prompt')
  const grammar = isObject(parameters) ? parameters['grammar'] : undefined
  return {
    messages: [{ role: 'user', content: inputs }],
    structured: isObject(grammar) && grammar['type'] !== 'regex',
    toolNames: new Set(),
    model,
    apply(released) {
      const part = released[0]?.parts[0]
      return { ...args, inputs: part?.type === 'text' ? part.text : inputs }
    },
  }
}
