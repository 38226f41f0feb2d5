import type { Detector } from '@parapet/sdk'
import { checkNames, checkOptionNames } from '../patterns/check-options.ts'
import { patternDetector } from '../patterns/pattern-detector.ts'
import { GENERIC_SECRET_RULE } from './generic-secret-rule.ts'
import { JSON_WEB_TOKEN_RULE } from './json-web-token-rule.ts'
import { PRIVATE_KEY_RULE } from './private-key-rule.ts'
import { ruleFinder } from './rule-finder.ts'
import {
  DEFAULT_SECRET_KINDS,
  type DefaultSecretKind,
  SECRET_KINDS,
  type SecretKind,
} from './secret-kinds.ts'
import type { SecretRule } from './secret-rule.ts'
import { TOKEN_RULES } from './token-rules.ts'
import { URL_CREDENTIALS_RULE } from './url-credentials-rule.ts'

export interface SecretsOptions<Kind extends SecretKind = SecretKind> {
  /** The kinds to look for: the detector's labels. @default all but `generic-secret` */
  readonly kinds?: readonly Kind[]
}

const RULES: readonly SecretRule[] = [
  ...TOKEN_RULES,
  GENERIC_SECRET_RULE,
  JSON_WEB_TOKEN_RULE,
  PRIVATE_KEY_RULE,
  URL_CREDENTIALS_RULE,
]

/**
 * Finds keys, tokens and passwords of known forms, with their place; linear time, no network, nothing is tried out.
 * A label scores 1 when a secret of its kind is in the text, else 0. Known examples from documentation
 * (`AKIAIOSFODNN7EXAMPLE`) and placeholders are no secrets. `docs/detectors/secrets.md` lists kinds and figures.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`
 */
export function secrets<const Kind extends SecretKind = DefaultSecretKind>(
  options: SecretsOptions<Kind> = {},
): Detector<Kind> {
  checkOptionNames('secrets', options, ['kinds'])
  const kinds = checkNames<SecretKind>(
    'secrets',
    'kinds',
    options.kinds ?? DEFAULT_SECRET_KINDS,
    SECRET_KINDS,
  )
  const finder = ruleFinder(RULES.filter((rule) => kinds.includes(rule.kind)))
  return patternDetector({
    id: 'secrets',
    version: '0.1.0',
    labels: kinds as readonly Kind[],
    options: { kinds: [...kinds] },
    maxSpanCharacters: finder.maxCharacters,
    loadFinders: async () => [finder],
  })
}
