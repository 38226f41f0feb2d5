export { RUNTIME_ERRORS, type RuntimeErrorCode } from './errors/codes.ts'
export { isRuntimeError, RuntimeError } from './errors/runtime-error.ts'
export type { AddVector, EraseDirection, Intervention } from './graph/intervention.ts'
export { blockOf, type Position, type ReadSite, residPre, type Site } from './graph/site.ts'
export { createModelHost } from './host/create-model-host.ts'
export type {
  DecoderModel,
  DecoderRead,
  DecoderReading,
  DecoderReadRequest,
  DecoderUse,
  Finished,
  FinishReason,
  FirstToken,
  FirstTokenRequest,
  GenerateRequest,
  Generation,
  InterventionCheck,
  TextDelta,
} from './host/decoder-model.ts'
export type { EncoderModel, EncoderRead, EncoderReading, EncoderRequest } from './host/encoder-model.ts'
export type { ModelHost, ModelHostOptions, ModelHostStatus } from './host/model-host.ts'
export type { RequestOptions, TooLong } from './host/reading.ts'
export type { TokenRead, TokenReadRequest } from './host/token-read.ts'
export { type CachedModel, listModels, removeModels, removeUnfinished } from './hub/cached-models.ts'
export { HUB_ERRORS, type HubErrorCode } from './hub/codes.ts'
export { downloadModel } from './hub/download-model.ts'
export { DTYPES, type Dtype } from './hub/dtype.ts'
export type { HubModelOptions, HubOptions, HubProgress } from './hub/hub-options.ts'
export { type ModelReference, parseModelReference } from './hub/model-reference.ts'
export { resolveModel } from './hub/resolve-model.ts'
export { type VerifiedFile, verifyModel } from './hub/verify-model.ts'
export { type EncoderWindows, openEncoderWindows, type TextWindows } from './model/encoder-windows.ts'
export { type GraphInterface, type GraphTensor, readGraphInterface } from './model/graph-interface.ts'
export { readChatTemplate } from './model/load-tokenizer.ts'
export type { DecoderManifest, EncoderManifest, Manifest } from './model/manifest.ts'
export {
  type DecoderModelFolder,
  type EncoderModelFolder,
  type ModelFolder,
  openModelFolder,
} from './model/model-folder.ts'
export { resolveModelPackage } from './model/resolve-model-package.ts'
export type { TokenReading } from './model/token-reading.ts'
export { readVerifiedFile, verifyFile } from './model/verified-file.ts'
export type { ChatMessage } from './text/chat-message.ts'
