import { isObject, type WireObject } from '../wire/wire-object.ts'

/** What of a request the answer is read by. */
export interface RequestFacts {
  /** The answer streams. */
  readonly stream: boolean
  /** The call asked for JSON: text blocks are judged whole, by their leaves. */
  readonly json: boolean
  /** The tools that the developer offered: their names are not the model's words. */
  readonly toolNames: ReadonlySet<unknown>
  readonly stopSequences: ReadonlySet<unknown>
  readonly model: unknown
}

/** The names that the provider gives its own tools. */
const PROVIDER_TOOLS = [
  'advisor',
  'web_search',
  'web_fetch',
  'code_execution',
  'bash_code_execution',
  'text_editor_code_execution',
  'tool_search_tool_regex',
  'tool_search_tool_bm25',
]

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export function requestFacts(body: WireObject): RequestFacts {
  const { output_config, output_format, tools, stop_sequences } = body
  const asked = isObject(output_config) ? output_config['format'] : undefined
  const offered = listOf(tools).map((tool) => (isObject(tool) ? tool['name'] : undefined))
  return {
    stream: body['stream'] === true,
    json: isObject(asked) || isObject(output_format),
    toolNames: new Set([...PROVIDER_TOOLS, ...offered]),
    stopSequences: new Set(listOf(stop_sequences)),
    model: body['model'],
  }
}
