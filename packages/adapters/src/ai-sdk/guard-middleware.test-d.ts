import type { LanguageModelV4Middleware, SharedV4ProviderOptions } from '@ai-sdk/provider'
import type { Guard, Resumed } from '@parapet/sdk'
import { wrapLanguageModel } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { guardMiddleware, type ParapetCallOptions, resumeAnswer } from './index.ts'

declare const guard: Guard
declare const resumed: Resumed

const middleware: LanguageModelV4Middleware = guardMiddleware(guard, { raw: 'after-decision' })
wrapLanguageModel({ model: new MockLanguageModelV4(), middleware })

// @ts-expect-error an option that does not exist
guardMiddleware(guard, { rawChunks: true })
// @ts-expect-error a value that does not exist
guardMiddleware(guard, { raw: 'keep' })

const parapet = { tenant: 'acme', grant: 'ticket' } satisfies ParapetCallOptions
const options: SharedV4ProviderOptions = { parapet }
void options
// @ts-expect-error a mistyped key
void ({ tenat: 'acme' } satisfies ParapetCallOptions)

if (resumed.kind === 'answer') void resumeAnswer(resumed).content
// @ts-expect-error what is pending has no answer yet
resumeAnswer(resumed)
