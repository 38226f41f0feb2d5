import type { Target } from '../kit/target.ts'
import { aiSdk } from './ai-sdk.ts'
import { anthropic } from './anthropic.ts'
import { exchange } from './exchange.ts'
import { functionTarget } from './function.ts'
import { huggingFace } from './hugging-face.ts'
import { mcp } from './mcp.ts'
import { openAi } from './openai.ts'
import { openAiResponses } from './openai-responses.ts'
import { server } from './serve.ts'
import { tools } from './tools.ts'

/** Parapet's own targets: the bare guard, and each adapter around a real client. One file each. */
export const PARAPET_TARGETS: readonly Target[] = [
  exchange,
  aiSdk,
  openAi,
  openAiResponses,
  anthropic,
  huggingFace,
  functionTarget,
  tools,
  mcp,
  server,
]
