import type { Shape } from './shape.ts'

type Members = Readonly<Record<string, Shape>>

const error = (withMessage: boolean): Members => ({
  error_code: 'name',
  ...(withMessage ? { error_message: 'text' as const } : {}),
})
const list = (shape: Shape): Shape => ({ list: shape })
const types = (variants: Readonly<Record<string, Members>>): Shape => ({ types: variants })

const caller: Shape = { members: { type: 'name', tool_id: 'id' } }
/** A file that code wrote: its id stands for content that nothing here can read. */
const outputs = list({
  types: {
    code_execution_output: { file_id: { media: 'application/octet-stream' } },
    bash_code_execution_output: { file_id: { media: 'application/octet-stream' } },
  },
})
const ran: Members = { content: outputs, return_code: 'count', stderr: 'text', stdout: 'text' }

export const CITATION: Shape = types({
  char_location: {
    cited_text: 'text',
    document_index: 'count',
    document_title: 'text',
    end_char_index: 'count',
    file_id: 'id',
    start_char_index: 'count',
  },
  content_block_location: {
    cited_text: 'text',
    document_index: 'count',
    document_title: 'text',
    end_block_index: 'count',
    file_id: 'id',
    start_block_index: 'count',
  },
  page_location: {
    cited_text: 'text',
    document_index: 'count',
    document_title: 'text',
    end_page_number: 'count',
    file_id: 'id',
    start_page_number: 'count',
  },
  search_result_location: {
    cited_text: 'text',
    end_block_index: 'count',
    search_result_index: 'count',
    source: 'text',
    start_block_index: 'count',
    title: 'text',
  },
  web_search_result_location: { cited_text: 'text', encrypted_index: 'sealed', title: 'text', url: 'text' },
})

const TEXT: Members = { text: 'text', citations: list(CITATION) }
const source = types({
  base64: { media_type: 'name', data: { media: 'application/pdf' } },
  text: { media_type: 'name', data: 'text' },
  url: { url: { media: 'application/pdf' } },
  file: { file_id: { media: 'application/octet-stream' } },
  content: {
    content: {
      textOr: list(types({ text: TEXT, image: { source: { media: 'image/*' } } })),
    },
  },
})
const DOCUMENT: Members = {
  source,
  title: 'text',
  context: 'text',
  citations: { members: { enabled: 'flag' } },
}

/** Results of tools that ran at the provider: they come whole. */
export const RESULT_BLOCKS = {
  web_search_tool_result: {
    tool_use_id: 'id',
    caller,
    // An error is an object, results are a list.
    content: types({ web_search_tool_result_error: error(false) }),
  },
  web_fetch_tool_result: {
    tool_use_id: 'id',
    caller,
    content: types({
      web_fetch_tool_result_error: error(false),
      web_fetch_result: { url: 'text', retrieved_at: 'text', content: types({ document: DOCUMENT }) },
    }),
  },
  code_execution_tool_result: {
    tool_use_id: 'id',
    content: types({
      code_execution_tool_result_error: error(false),
      code_execution_result: ran,
      encrypted_code_execution_result: {
        content: outputs,
        encrypted_stdout: 'sealed',
        return_code: 'count',
        stderr: 'text',
      },
    }),
  },
  bash_code_execution_tool_result: {
    tool_use_id: 'id',
    content: types({ bash_code_execution_tool_result_error: error(false), bash_code_execution_result: ran }),
  },
  text_editor_code_execution_tool_result: {
    tool_use_id: 'id',
    content: types({
      text_editor_code_execution_tool_result_error: error(true),
      text_editor_code_execution_view_result: {
        content: 'text',
        file_type: 'name',
        num_lines: 'count',
        start_line: 'count',
        total_lines: 'count',
      },
      text_editor_code_execution_create_result: { is_file_update: 'flag' },
      text_editor_code_execution_str_replace_result: {
        lines: list('text'),
        new_lines: 'count',
        new_start: 'count',
        old_lines: 'count',
        old_start: 'count',
      },
    }),
  },
  tool_search_tool_result: {
    tool_use_id: 'id',
    content: types({
      tool_search_tool_result_error: error(true),
      tool_search_tool_search_result: {
        tool_references: list(types({ tool_reference: { tool_name: 'text' } })),
      },
    }),
  },
  advisor_tool_result: {
    tool_use_id: 'id',
    content: types({
      advisor_tool_result_error: error(false),
      advisor_result: { text: 'text', stop_reason: 'name' },
      advisor_redacted_result: { encrypted_content: 'sealed', stop_reason: 'name' },
    }),
  },
  mcp_tool_result: {
    tool_use_id: 'id',
    is_error: 'flag',
    content: { textOr: list(types({ text: TEXT })) },
  },
  /** The tools of an MCP server, as it describes them. */
  mcp_tool_listing: {
    mcp_server_name: 'name',
    tools: list({ members: { name: 'text', description: 'text', input_schema: 'json' } }),
  },
} as const satisfies Readonly<Record<string, Members>>

const SEARCH_RESULTS = list(
  types({ web_search_result: { url: 'text', title: 'text', page_age: 'text', encrypted_content: 'sealed' } }),
)

/** The shape of a result of a tool that ran at the provider; undefined for a block of another kind. */
export function resultShape(block: Readonly<Record<string, unknown>>): Shape | undefined {
  const { type } = block
  if (typeof type !== 'string' || !Object.hasOwn(RESULT_BLOCKS, type)) return undefined
  const members: Members = RESULT_BLOCKS[type as keyof typeof RESULT_BLOCKS]
  const searched = type === 'web_search_tool_result' && Array.isArray(block['content'])
  return types({ [type]: searched ? { ...members, content: SEARCH_RESULTS } : members })
}

/** What a tool of the app may give back, and a user may attach. */
export const ATTACHED_BLOCKS = types({
  text: TEXT,
  image: { source: { media: 'image/*' } },
  document: DOCUMENT,
  search_result: { source: 'text', title: 'text', content: list(types({ text: TEXT })) },
  container_upload: { file_id: { media: 'application/octet-stream' } },
  tool_reference: {},
  browser_state: {
    tabs: list({ members: { title: 'text', url: 'text' } }),
    state_changes: list({ members: { url: 'text', path: 'text', error: 'text' } }),
  },
})
