export {
  DEFAULT_SECRET_KINDS,
  type DefaultSecretKind,
  SECRET_KINDS,
  type SecretKind,
} from './secret-kinds.ts'
export { type SecretsOptions, secrets } from './secrets.ts'
