import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { expect, it } from '@jest/globals'
import { effectsOf } from './effects.ts'

const call = (more: Partial<LanguageModelV4CallOptions> = {}): LanguageModelV4CallOptions => ({
  prompt: [],
  ...more,
})
const chat = { provider: 'openai.chat' }
const responses = { provider: 'openai.responses' }

it('finds none in a plain call with tools of the app', () => {
  const tools = [{ type: 'function' as const, name: 'look', inputSchema: {} }]
  const providerOptions = { parapet: { tenant: 'a' }, openai: { reasoningEffort: 'low', background: false } }

  expect(effectsOf(call({ tools, providerOptions }), chat)).toEqual([])
})

it.each([
  ['provider-tool', { tools: [{ type: 'provider', id: 'openai.web_search', name: 'search', args: {} }] }],
  ['provider-tool', { providerOptions: { anthropic: { container: { skills: [] } } } }],
  ['mcp', { providerOptions: { anthropic: { mcpServers: [{ name: 'a' }] } } }],
  ['stored', { providerOptions: { openai: { store: true } } }],
  ['stored', { providerOptions: { openai: { previousResponseId: 'r1' } } }],
] as const)('finds %s', (effect, more) => {
  expect(effectsOf(call(more as never), chat)).toEqual([effect])
})

it('takes a responses interface for one that stores, unless it is told not to', () => {
  expect(effectsOf(call(), responses)).toEqual(['stored'])
  expect(effectsOf(call({ providerOptions: { openai: { store: false } } }), responses)).toEqual([])
})
