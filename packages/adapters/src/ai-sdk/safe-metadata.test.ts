import { describe, expect, it } from '@jest/globals'
import { isSealed, safeMetadata, withoutSeals } from './safe-metadata.ts'

describe('safeMetadata', () => {
  it('keeps numbers, names and what the provider has sealed', () => {
    const metadata = {
      openai: {
        itemId: 'msg_1',
        reasoningEncryptedContent: 'gAAA b',
        cachedTokens: 3,
        done: true,
        note: null,
      },
      anthropic: { signature: 'sig', usage: { input_tokens: 3, service_tier: 'standard' } },
    }

    expect(safeMetadata(metadata)).toEqual({
      openai: metadata.openai,
      anthropic: { signature: 'sig', usage: { input_tokens: 3 } },
    })
  })

  it.each([
    ['log-probabilities', { logprobs: [{ token: 'secret', logprob: -0.1, bytes: [115] }] }],
    ['log-probabilities by token', { topLogprobs: { secret: -0.1 } }],
    ['a text', { reasoningContent: 'secret' }],
    ['a sentence where a name belongs', { itemId: 'a secret text' }],
    ['an array of numbers', { bytes: [115, 101] }],
    ['a text in a group', { usage: { note: 'secret', bytes: [115] } }],
  ])('drops %s', (_, members) => {
    expect(JSON.stringify(safeMetadata({ mock: members })) ?? '').not.toMatch(/secret|115/)
  })

  it('passes what the developer trusts, and never what claims to be Parapet’s', () => {
    const metadata = { google: { groundingMetadata: ['x'], other: ['y'] }, parapet: { id: 'p' } }

    expect(safeMetadata(metadata, ['google.groundingMetadata'])).toEqual({
      google: { groundingMetadata: ['x'] },
    })
  })

  it('is nothing when nothing is left', () => {
    expect(safeMetadata({ mock: { note: 'x' } })).toBeUndefined()
    expect(safeMetadata(undefined)).toBeUndefined()
  })
})

describe('seals', () => {
  it('are known by name, and go with the id when the text was edited', () => {
    const sealed = { google: { thoughtSignature: 's', itemId: 'i', cacheControl: { type: 'ephemeral' } } }

    expect(isSealed(sealed)).toBe(true)
    expect(isSealed({ google: { thoughtSignature: 5 } })).toBe(false)
    expect(withoutSeals(sealed)).toEqual({ google: { cacheControl: { type: 'ephemeral' } } })
  })
})
