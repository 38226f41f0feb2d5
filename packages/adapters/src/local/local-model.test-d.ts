import type { LanguageModelV4 } from '@ai-sdk/provider'
import { generateText } from 'ai'
import { localModel } from './index.ts'

const model: LanguageModelV4 = localModel({ model: '@parapet/model-sentinel' })
void generateText({ model, prompt: 'hi' })

// @ts-expect-error a model has to be named
localModel({})
// @ts-expect-error an option that does not exist
localModel({ model: './model', maxTokens: 5 })
