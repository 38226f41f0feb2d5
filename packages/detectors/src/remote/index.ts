export { type ActivationsHandlerOptions, activationsHandler } from './activations/activations-handler.ts'
export {
  type ServedRefusalDirectionOptions,
  servedRefusalDirection,
} from './activations/served-refusal-direction.ts'
export {
  type HuggingFaceClassifierOptions,
  huggingFaceClassifier,
} from './hugging-face/hugging-face-classifier.ts'
export type { LabelMapping } from './hugging-face/label-mapping.ts'
export {
  type ExportedModel,
  type ExportKserveOptions,
  exportKserve,
  KSERVE_SERVERS,
  type KserveServerKind,
} from './kserve/export-kserve.ts'
export { type KserveClassifierOptions, kserveClassifier } from './kserve/kserve-classifier.ts'
export type { ChatEndpoint } from './llm-judge/chat-endpoint.ts'
export type { VoteCombination } from './llm-judge/combine-votes.ts'
export type { JudgeModel } from './llm-judge/judge-model.ts'
export { type LlamaGuardOptions, llamaGuard } from './llm-judge/llama-guard.ts'
export type { LlamaGuardTemplate } from './llm-judge/llama-guard-messages.ts'
export { LLAMA_GUARD_LABELS, type LlamaGuardLabel } from './llm-judge/llama-guard-verdict.ts'
export { type JudgeLabel, type LlmJudgeOptions, llmJudge } from './llm-judge/llm-judge.ts'
export {
  MODERATION_CATEGORIES,
  type ModerationCategory,
  type OpenAIModerationOptions,
  openAIModeration,
} from './moderation/openai-moderation.ts'
export type { CoverageOptions } from './service/coverage-options.ts'
export { DEFAULT_REMOTE_OPTIONS, type RemoteOptions } from './service/remote-options.ts'
export type { KeyOptions } from './service/service-key.ts'
