import type { Guard } from '@parapet/sdk'
import { type ToolApprovalConfiguration, type ToolSet, tool } from 'ai'
import { z } from 'zod'
import { guardToolApproval, guardTools } from './index.ts'

declare const guard: Guard

const look = tool({ inputSchema: z.object({ q: z.string() }), execute: async ({ q }) => q.length })
const tools: { look: typeof look } = guardTools(guard, { look })
const set: ToolSet = guardTools(guard, tools as ToolSet, { onBlock: 'throw' })
const approval: ToolApprovalConfiguration<typeof tools, never> = guardToolApproval(guard)
void [set, approval]

const add = guardTools(guard, { add: async ({ a, b }: { a: number; b: number }) => a + b }).add
const sum: Promise<number> = add({ a: 1, b: 2 })
const doubled: Promise<number> = guardTools(guard, { double: (a: number) => 2 * a }).double(1)
const pieces: AsyncGenerator<string> = guardTools(guard, {
  async *spell(word: string) {
    yield* word
  },
}).spell('word')
void [sum, doubled, pieces]

// @ts-expect-error an option that does not exist
guardTools(guard, { look }, { block: 'throw' })
// @ts-expect-error what is neither a tool nor a function
guardTools(guard, { look: 7 })
