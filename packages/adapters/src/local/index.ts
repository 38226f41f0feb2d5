export { ADAPTER_ERRORS } from '../errors/codes.ts'
export { LOCAL_CAPABILITIES } from './capabilities.ts'
export { type LocalModel, localModel } from './local-model.ts'
export { DEFAULT_LOCAL_MODEL_OPTIONS, type LocalModelOptions, type SteeringVector } from './options.ts'
