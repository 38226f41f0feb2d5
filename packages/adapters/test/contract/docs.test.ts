import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { AI_SDK_CAPABILITIES, DEFAULT_MIDDLEWARE_OPTIONS } from '@parapet/adapters/ai-sdk'
import { ANTHROPIC_CAPABILITIES, DEFAULT_ANTHROPIC_OPTIONS } from '@parapet/adapters/anthropic'
import { FUNCTION_CAPABILITIES } from '@parapet/adapters/function'
import {
  DEFAULT_HUGGING_FACE_OPTIONS,
  HUGGING_FACE_CAPABILITIES,
  HUGGING_FACE_TASKS,
} from '@parapet/adapters/huggingface'
import { DEFAULT_LOCAL_MODEL_OPTIONS, LOCAL_CAPABILITIES } from '@parapet/adapters/local'
import { MCP_CAPABILITIES } from '@parapet/adapters/mcp'
import {
  DEFAULT_WIRE_OPTIONS,
  OPENAI_CHAT_CAPABILITIES,
  OPENAI_REFUSALS,
  OPENAI_RESPONSES_CAPABILITIES,
} from '@parapet/adapters/openai'
import { DEFAULT_TOOLS_OPTIONS, TOOLS_CAPABILITIES } from '@parapet/adapters/tools'
import { capabilityTable } from '@parapet/sdk/testing'

const page = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../../../docs/adapters', name), 'utf8')

it('prints the capability table of the AI SDK middleware on its page', () => {
  expect(page('ai-sdk.md')).toContain(capabilityTable(AI_SDK_CAPABILITIES))
})

it('prints the capability table of the guarded client of Anthropic on its page', () => {
  expect(page('anthropic.md')).toContain(capabilityTable(ANTHROPIC_CAPABILITIES))
})

it('prints the capability table of the guarded client of Hugging Face on its page, and every task', () => {
  expect(page('huggingface.md')).toContain(capabilityTable(HUGGING_FACE_CAPABILITIES))
  for (const [task, handling] of Object.entries(HUGGING_FACE_TASKS))
    expect(page('huggingface.md')).toMatch(new RegExp(`^\\| ${handling} \\| .*\`${task}\``, 'm'))
})

it('prints the capability table of a guarded function on its page', () => {
  expect(page('function.md')).toContain(capabilityTable(FUNCTION_CAPABILITIES))
})

it.each([
  ['tools.md', TOOLS_CAPABILITIES],
  ['mcp.md', MCP_CAPABILITIES],
] as const)('prints what is judged on %s', (name, capabilities) => {
  const rows = Object.entries(capabilities).map(([content, handling]) => `| ${content} | ${handling} |`)

  expect(rows.length).toBeGreaterThan(5)
  expect(page(name)).toContain(['| content | handling |', '| --- | --- |', ...rows].join('\n'))
})

it('prints what the local model makes of each setting on its page', () => {
  const rows = Object.entries(LOCAL_CAPABILITIES).map(([setting, handling]) => `| ${setting} | ${handling} |`)

  expect(page('local.md')).toContain(['| setting | handling |', '| --- | --- |', ...rows].join('\n'))
})

it('names every option with its default', () => {
  for (const [option, value] of Object.entries(DEFAULT_MIDDLEWARE_OPTIONS))
    expect(page('ai-sdk.md')).toMatch(
      new RegExp(`\\| \`${option}\` \\|.*\\| \`?${Array.isArray(value) ? 'none' : value}`),
    )
  for (const [option, value] of Object.entries(DEFAULT_ANTHROPIC_OPTIONS))
    expect(page('anthropic.md')).toMatch(new RegExp(`\\| \`${option}\` \\|.*\\| \`${value}\``))
  for (const [option, value] of Object.entries(DEFAULT_HUGGING_FACE_OPTIONS))
    expect(page('huggingface.md')).toMatch(new RegExp(`\\| \`${option}\` \\|.*\\| \`${value}\``))
  for (const [option, value] of Object.entries(DEFAULT_TOOLS_OPTIONS))
    expect(page('tools.md')).toMatch(new RegExp(`\\| \`${option}\` \\|.*\\| \`${value}\` \\|`))
  expect(page('local.md')).toContain(
    `| \`maxOutputTokens\` | ${DEFAULT_LOCAL_MODEL_OPTIONS.maxOutputTokens} |`,
  )
})

it('prints the capability tables of the OpenAI adapter on its page, and what it refuses', () => {
  const refusals = Object.entries(OPENAI_REFUSALS).map(([what, handling]) => `| ${what} | ${handling} |`)

  expect(page('openai.md')).toContain(capabilityTable(OPENAI_CHAT_CAPABILITIES))
  expect(page('openai.md')).toContain(capabilityTable(OPENAI_RESPONSES_CAPABILITIES))
  expect(page('openai.md')).toContain(['| what | handling |', '| --- | --- |', ...refusals].join('\n'))
})

it('names every option of the OpenAI adapter with its default', () => {
  const { faults, ...options } = DEFAULT_WIRE_OPTIONS
  expect(page('openai.md')).toContain(`\`faults\` is \`${faults}\` by default`)
  for (const [option, value] of Object.entries(options))
    expect(page('openai.md')).toMatch(
      new RegExp(`\\| \`${option}\` \\|.*\\| ${Array.isArray(value) ? 'none' : value} \\|`),
    )
})
