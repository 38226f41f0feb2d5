import { describe, expect, test } from '@jest/globals'
import { isParapetError, normalizeText } from '@parapet/sdk'
import fc from 'fast-check'
import { bitsPerCharacter } from './entropy.ts'
import { SECRET_KINDS, type SecretKind } from './secret-kinds.ts'
import { type SecretsOptions, secrets } from './secrets.ts'

const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const UPPER = LOWER.toUpperCase()
const DIGITS = '0123456789'
const HEX = `${DIGITS}abcdef`
const ALPHANUMERIC = LOWER + UPPER + DIGITS
const URL_SAFE = `${ALPHANUMERIC}-_`
const BASE64 = `${ALPHANUMERIC}+/`

type Make = (alphabet: string, length: number) => string

/** One valid secret of each kind. Made when the test runs: none stands in the repository. */
const SAMPLES: Record<SecretKind, (make: Make) => { before?: string; secret: string; after?: string }> = {
  'age-key': (make) => ({ secret: `AGE-SECRET-KEY-1${make('QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L', 58)}` }),
  'airtable-token': (make) => ({ secret: `pat${make(ALPHANUMERIC, 14)}.${make(HEX, 64)}` }),
  'anthropic-key': (make) => ({ secret: `sk-ant-api03-${make(URL_SAFE, 93)}AA` }),
  'atlassian-token': (make) => ({ secret: `ATATT3${make(URL_SAFE, 186)}` }),
  'aws-access-key': (make) => ({ secret: `AKIA${make(`${UPPER}234567`, 16)}` }),
  'aws-secret-key': (make) => ({ before: 'aws_secret_access_key = "', secret: make(BASE64, 40), after: '"' }),
  'azure-client-secret': (make) => ({ secret: `${make(ALPHANUMERIC, 3)}8Q~${make(ALPHANUMERIC, 34)}` }),
  'azure-storage-key': (make) => ({ before: 'AccountName=a;AccountKey=', secret: `${make(BASE64, 86)}==` }),
  'cloudflare-origin-key': (make) => ({ secret: `v1.0-${make(HEX, 24)}-${make(HEX, 146)}` }),
  'databricks-token': (make) => ({ secret: `dapi${make(HEX, 32)}` }),
  'digitalocean-token': (make) => ({ secret: `dop_v1_${make(HEX, 64)}` }),
  'discord-webhook': (make) => ({
    before: 'https://',
    secret: `discord.com/api/webhooks/${make(DIGITS, 18)}/${make(URL_SAFE, 68)}`,
  }),
  'doppler-token': (make) => ({ secret: `dp.pt.${make(ALPHANUMERIC, 43)}` }),
  'fly-token': (make) => ({ secret: `fm2_${make(BASE64, 200)}` }),
  'generic-secret': (make) => ({
    before: 'client_secret: "',
    secret: `${make(ALPHANUMERIC, 30)}1a`,
    after: '"',
  }),
  'github-token': (make) => ({ secret: `ghp_${make(ALPHANUMERIC, 36)}` }),
  'gitlab-token': (make) => ({ secret: `glpat-${make(URL_SAFE, 20)}` }),
  'google-api-key': (make) => ({ secret: `AIza${make(URL_SAFE, 35)}` }),
  'google-oauth-secret': (make) => ({ secret: `GOCSPX-${make(URL_SAFE, 28)}` }),
  'grafana-token': (make) => ({ secret: `glsa_${make(ALPHANUMERIC, 32)}_${make(HEX, 8)}` }),
  'groq-key': (make) => ({ secret: `gsk_${make(ALPHANUMERIC, 52)}` }),
  'huggingface-token': (make) => ({ secret: `hf_${make(LOWER + UPPER, 34)}` }),
  'json-web-token': (make) => ({
    secret: [
      Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url'),
      Buffer.from(`{"sub":"${make(DIGITS, 10)}"}`).toString('base64url'),
      make(URL_SAFE, 43),
    ].join('.'),
  }),
  'linear-key': (make) => ({ secret: `lin_api_${make(ALPHANUMERIC, 40)}` }),
  'mailchimp-key': (make) => ({ secret: `${make(HEX, 32)}-us12` }),
  'newrelic-key': (make) => ({ secret: `NRAK-${make(UPPER + DIGITS, 27)}` }),
  'notion-token': (make) => ({ secret: `ntn_${make(DIGITS, 11)}${make(ALPHANUMERIC, 35)}` }),
  'npm-token': (make) => ({ secret: `npm_${make(ALPHANUMERIC, 36)}` }),
  'openai-key': (make) => ({ secret: `sk-proj-${make(URL_SAFE, 74)}T3BlbkFJ${make(URL_SAFE, 74)}` }),
  'perplexity-key': (make) => ({ secret: `pplx-${make(ALPHANUMERIC, 48)}` }),
  'planetscale-token': (make) => ({ secret: `pscale_tkn_${make(URL_SAFE, 43)}` }),
  'postman-key': (make) => ({ secret: `PMAK-${make(HEX, 24)}-${make(HEX, 34)}` }),
  'private-key': (make) => ({
    secret: `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,${make(HEX, 32)}\n\n${make(
      BASE64,
      64,
    )}\n${make(BASE64, 64)}\n-----END RSA PRIVATE KEY-----`,
  }),
  'pulumi-token': (make) => ({ secret: `pul-${make(HEX, 40)}` }),
  'pypi-token': (make) => ({ secret: `pypi-AgEIcHlwaS5vcmc${make(URL_SAFE, 120)}` }),
  'replicate-token': (make) => ({ secret: `r8_${make(ALPHANUMERIC, 37)}` }),
  'rubygems-key': (make) => ({ secret: `rubygems_${make(HEX, 48)}` }),
  'sendgrid-key': (make) => ({ secret: `SG.${make(URL_SAFE, 22)}.${make(URL_SAFE, 43)}` }),
  'sentry-token': (make) => ({ secret: `sntryu_${make(HEX, 64)}` }),
  'shopify-token': (make) => ({ secret: `shpat_${make(HEX, 32)}` }),
  'slack-token': (make) => ({
    secret: `xoxb-${make(DIGITS, 12)}-${make(DIGITS, 12)}-${make(ALPHANUMERIC, 24)}`,
  }),
  'slack-webhook': (make) => ({
    before: 'https://',
    secret: `hooks.slack.com/services/T${make(UPPER, 8)}/B${make(UPPER, 8)}/${make(ALPHANUMERIC, 24)}`,
  }),
  'square-token': (make) => ({ secret: `sq0atp-${make(URL_SAFE, 22)}` }),
  'stripe-key': (make) => ({ secret: `sk_live_${make(ALPHANUMERIC, 24)}` }),
  'supabase-token': (make) => ({ secret: `sbp_${make(HEX, 40)}` }),
  'telegram-bot-token': (make) => ({ secret: `1${make(DIGITS, 8)}:AA${make(URL_SAFE, 33)}` }),
  'terraform-token': (make) => ({ secret: `${make(ALPHANUMERIC, 14)}.atlasv1.${make(URL_SAFE, 67)}` }),
  'twilio-key': (make) => ({ secret: `SK${make(HEX, 32)}` }),
  'url-credentials': (make) => ({
    before: 'postgres://',
    secret: `app:${make(ALPHANUMERIC, 16)}`,
    after: '@db.internal:5432/app',
  }),
  'vault-token': (make) => ({ secret: `hvs.${make(URL_SAFE, 95)}` }),
  'xai-key': (make) => ({ secret: `xai-${make(ALPHANUMERIC, 80)}` }),
}

/** Makes random strings out of a seed, every character as likely as every other. */
function makeFrom(seed: number): Make {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return (alphabet, length) => Array.from({ length }, () => alphabet[next() % alphabet.length]).join('')
}

async function find(text: string, options: SecretsOptions = { kinds: SECRET_KINDS }) {
  const { measure } = await secrets(options).load()
  const subject = { stage: 'output', text, conversation: [], language: undefined } as const
  const measured = await measure(subject, { signal: new AbortController().signal })
  if (measured.kind !== 'scored') throw new Error('not scored')
  return { scores: measured.scores, spans: measured.spans ?? [] }
}

const PLACES: readonly (readonly [before: string, after: string])[] = [
  ['', ''],
  ['The key is ', '.'],
  ['export KEY="', '"\n'],
  ['{"key":"', '"}'],
  ['(', ')'],
  ['`', '`, and then'],
  ['密钥', '。'],
  ['"first line\\n', '\\nnext"'],
  [`${'x '.repeat(5_000)}`, ` ${'y '.repeat(5_000)}`],
]

describe('finds', () => {
  test.each(SECRET_KINDS)('every %s wherever it stands, and exactly it', async (kind) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.constantFrom(...PLACES), async (seed, [left, right]) => {
        const { before = '', secret, after = '' } = SAMPLES[kind](makeFrom(seed))
        fc.pre(bitsPerCharacter(secret) > 3.5 || kind === 'url-credentials')
        const lead = `${left}${before}`

        const { scores, spans } = await find(`${lead}${secret}${after}${right}`)

        expect(scores[kind]).toBe(1)
        expect(spans.filter((span) => span.label === kind)).toEqual([
          { label: kind, start: lead.length, end: lead.length + secret.length },
        ])
      }),
      { numRuns: 60 },
    )
  })

  test('a key that was disguised, once the text is normalised', async () => {
    const { secret } = SAMPLES['github-token'](makeFrom(7))
    const original = `token: ${secret.slice(0, 9)}\u200b${secret.slice(9, 20)}%${secret.charCodeAt(20).toString(16)}${secret.slice(21)}!`
    const { text, toOriginal } = normalizeText(original)

    const { spans } = await find(text, { kinds: ['github-token'] })

    const { start, end } = toOriginal(spans[0]?.start ?? 0, spans[0]?.end ?? 0)
    expect(original.slice(0, start) + original.slice(end)).toBe('token: !')
  })

  test('a private key whose end is missing', async () => {
    const { secret } = SAMPLES['private-key'](makeFrom(3))
    const cut = secret.slice(0, -40)

    expect((await find(`key: ${cut}`)).spans).toEqual([
      { label: 'private-key', start: 5, end: 5 + cut.length },
    ])
  })

  test('many secrets side by side', async () => {
    const one = SAMPLES['npm-token'](makeFrom(1)).secret
    const two = SAMPLES['stripe-key'](makeFrom(2)).secret

    expect((await find(`${one},${two} ${one}`)).spans.map((span) => span.label)).toEqual([
      'npm-token',
      'stripe-key',
      'npm-token',
    ])
  })
})

describe('does not find', () => {
  const make = makeFrom(11)
  test.each([
    ['the access key of the AWS documentation', `AKIA${'IOSFODNN7'}EXAMPLE`],
    [
      'the secret key of the AWS documentation',
      `aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY${'EXAMPLEKEY'}`,
    ],
    ['a UUID', 'id: 3f2504e0-4f89-41d3-9a0c-0305e82c3301'],
    ['a git hash', 'commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12'],
    ['a digest of a lock file', `"integrity": "sha512-${make(BASE64, 86)}=="`],
    ['a base64 image', `data:image/png;base64,iVBORw0KGgo${make(BASE64, 4_000)}`],
    [
      'masks and fill-ins',
      'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx sk-proj-XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX',
    ],
    [
      'a URL with a placeholder',
      'postgres://user:password@localhost/db redis://:$PASSWORD@cache https://a:b@example.com/',
    ],
    ['a URL with a port and an @', 'http://localhost:8080/@scope/package and ssh://git@github.com:22/a'],
    ['an empty private key', '-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----'],
    ['a public key', `-----BEGIN PUBLIC KEY-----\n${make(BASE64, 64)}\n-----END PUBLIC KEY-----`],
    [
      'three parts that are no JSON Web Token',
      `eyJ${make(URL_SAFE, 20)}.eyJ${make(URL_SAFE, 20)}.${make(URL_SAFE, 30)}`,
    ],
    [
      'a key inside a longer word',
      `x${SAMPLES['aws-access-key'](make).secret} ${SAMPLES['npm-token'](make).secret}0`,
    ],
    ['an assignment of words', 'api_key = get_api_key_from_environment, password: must-be-changed-soon'],
  ])('%s', async (_, text) => {
    expect((await find(text)).spans).toEqual([])
  })
})

describe('the options', () => {
  test('labels are the kinds that were asked for', async () => {
    const detector = secrets({ kinds: ['aws-access-key', 'npm-token'] })

    expect(detector.descriptor.labels).toEqual(['aws-access-key', 'npm-token'])
    expect(detector.descriptor.maxSpanCharacters).toBe(40)
    expect(
      (await find(SAMPLES['github-token'](makeFrom(1)).secret, { kinds: ['npm-token'] })).scores,
    ).toEqual({
      'npm-token': 0,
    })
  })

  test('all kinds but the guessing one are the default', () => {
    expect(secrets().descriptor.labels).toEqual(SECRET_KINDS.filter((kind) => kind !== 'generic-secret'))
  })

  test.each([
    [{ kinds: ['aws-acces-key'] }, 'kinds[0]'],
    [{ kinds: [] }, 'kinds'],
    [{ kinds: ['npm-token', 'npm-token'] }, 'kinds'],
    [{ kinds: 'npm-token' }, 'kinds'],
    [{ kindz: ['npm-token'] }, 'kindz'],
  ])('a wrong one is refused: %j', (options, path) => {
    const define = () => secrets(options as SecretsOptions)

    expect(define).toThrow(`option "${path}"`)
    try {
      define()
    } catch (error) {
      expect(isParapetError(error) && error.code).toBe('PARAPET_DETECTOR_OPTION_INVALID')
    }
  })

  test('the digest tells other options apart', async () => {
    const digestOf = async (options: SecretsOptions) => (await secrets(options).load()).digest

    expect(await digestOf({ kinds: ['npm-token'] })).toBe(await digestOf({ kinds: ['npm-token'] }))
    expect(await digestOf({ kinds: ['npm-token'] })).not.toBe(await digestOf({ kinds: ['github-token'] }))
    expect(await digestOf({})).toMatch(/^sha256:[0-9a-f]{64}$/)
  })
})

test('no span is longer than the detector says, whatever the text', async () => {
  const longest = secrets({ kinds: SECRET_KINDS }).descriptor.maxSpanCharacters ?? 0
  const make = makeFrom(5)
  const body = make(BASE64, 20_000)
  const header = Buffer.from('{"alg":"none"}').toString('base64url')
  const texts = [
    `-----BEGIN RSA PRIVATE KEY-----\n${body}`,
    `${header}.eyJ${body.replaceAll(/[+/]/g, '').slice(0, 3_900)}.${make(URL_SAFE, 600)}`,
    `postgres://u:${make(ALPHANUMERIC, 500)}@host`,
  ]
  for (const text of texts) {
    for (const { start, end } of (await find(text)).spans) expect(end - start).toBeLessThanOrEqual(longest)
  }
})
