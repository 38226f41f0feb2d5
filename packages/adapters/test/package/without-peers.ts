// A process in which the optional peers of the adapters cannot be found. Prints one line of JSON.
//   node --conditions=@parapet/source without-peers.ts
import { registerHooks } from 'node:module'
import type { InferenceClient } from '@huggingface/inference'

const asked: string[] = []

registerHooks({
  resolve(specifier, context, next) {
    if (
      !/^(ai|@ai-sdk\/provider|openai|@parapet\/runtime|@anthropic-ai\/sdk|@huggingface\/inference|onnxruntime-node|@modelcontextprotocol\/sdk)(\/|$)/.test(
        specifier,
      )
    )
      return next(specifier, context)
    asked.push(specifier)
    throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: 'ERR_MODULE_NOT_FOUND' })
  },
})

const { guardMiddleware } = await import('@parapet/adapters/ai-sdk')
const { guardAnthropic } = await import('@parapet/adapters/anthropic')
const { guardHuggingFace } = await import('@parapet/adapters/huggingface')
const { guardFunction } = await import('@parapet/adapters/function')
const { guardMcpClient } = await import('@parapet/adapters/mcp')
const { guardTools } = await import('@parapet/adapters/tools')
const { localModel } = await import('@parapet/adapters/local')
const { guardedFetch, guardOpenAI } = await import('@parapet/adapters/openai')
const { createGuard, definePolicy } = await import('@parapet/sdk')

const guard = createGuard({
  policy: definePolicy({
    id: 'p',
    version: '1',
    input: { rules: [], onError: 'block', onAbstain: 'flag', budgetMs: 100 },
  }),
})
const asks = { prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'hi' }] }] }
const fault: unknown = await Promise.resolve(localModel({ model: './nowhere' }).doGenerate(asks)).catch(
  (error: unknown) => error,
)
const { code, message } = fault as { code: string; message: string }
const middleware = guardMiddleware(guard).specificationVersion
const { text } = await guardFunction(guard, () => 'hello')([{ role: 'user', content: 'hi' }])
const sum = await guardTools(guard, { add: async ({ a, b }: { a: number; b: number }) => a + b }).add({
  a: 1,
  b: 2,
})
const mcp = typeof guardMcpClient
const wire = [typeof guardOpenAI, typeof guardedFetch(guard, fetch)]
const client = { middleware: [], withOptions: (options: object) => options }
const anthropic = guardAnthropic(client as never, guard) as { middleware: readonly unknown[] }
const huggingFace = guardHuggingFace({ chatCompletion() {} } as unknown as InferenceClient, guard)
const guarded = [anthropic.middleware.length, typeof huggingFace.chatCompletion]
process.stdout.write(JSON.stringify({ middleware, text, sum, mcp, wire, guarded, asked, code, message }))
