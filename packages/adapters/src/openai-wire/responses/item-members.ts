/** Which members of an item hold what: each is judged, passed by its form, or left out. */
export interface ItemMembers {
  /** Judged together as what a tool is called with. */
  readonly call?: readonly string[]
  /** Judged together as what a tool returned. */
  readonly result?: readonly string[]
  /** Bytes that nothing here can read. */
  readonly media?: string
  /** Ids, states and names of a plain form. */
  readonly names?: readonly string[]
  /** Members that a client expects to be there, and what stands in them where there is nothing. */
  readonly empty?: Readonly<Record<string, unknown>>
}

/** Items that are judged whole, in answers and in the history that a request carries. Messages, reasoning and the calls of the app's own tools are read apart. */
export const ITEM_MEMBERS: Readonly<Record<string, ItemMembers>> = {
  web_search_call: { call: ['action'] },
  file_search_call: { call: ['queries'], result: ['results'], empty: { queries: [] } },
  code_interpreter_call: {
    call: ['code'],
    result: ['outputs'],
    names: ['container_id'],
    empty: { code: null, outputs: null },
  },
  computer_call: {
    call: ['action', 'actions', 'pending_safety_checks'],
    names: ['call_id'],
    empty: { pending_safety_checks: [] },
  },
  computer_call_output: { result: ['acknowledged_safety_checks'], media: 'output', names: ['call_id'] },
  local_shell_call: { call: ['action'], names: ['call_id'] },
  local_shell_call_output: { result: ['output'] },
  shell_call: { call: ['action', 'environment'], names: ['call_id'], empty: { environment: null } },
  shell_call_output: { result: ['output'], names: ['call_id', 'max_output_length'], empty: { output: [] } },
  apply_patch_call: { call: ['operation'], names: ['call_id'] },
  apply_patch_call_output: { result: ['output'], names: ['call_id'] },
  mcp_call: {
    call: ['name', 'arguments'],
    result: ['output', 'error'],
    names: ['server_label', 'approval_request_id'],
    empty: { name: '', arguments: '' },
  },
  mcp_list_tools: { result: ['tools', 'error'], names: ['server_label'], empty: { tools: [] } },
  mcp_approval_request: { call: ['name', 'arguments'], names: ['server_label'] },
  mcp_approval_response: { call: ['reason'], names: ['approval_request_id', 'approve'] },
  image_generation_call: {
    call: ['revised_prompt'],
    media: 'result',
    names: ['action', 'background', 'output_format', 'quality', 'size'],
    empty: { result: null },
  },
  compaction: { media: 'encrypted_content' },
}
