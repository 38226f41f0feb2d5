import { describe, expect, it } from '@jest/globals'
import { terminalText } from './terminal-text.ts'

describe('terminalText', () => {
  it('disarms escape sequences, bidi marks and zero-width characters', () => {
    const hostile = '\u001b[2J\u001b]0;title\u0007 \u202Eabc\u202C z\u200Bw \u0000 \u{E0041}'

    const safe = terminalText(hostile)

    expect(safe).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(safe).toContain('‹U+001B›[2J')
    expect(safe).toContain('‹U+202E›abc')
  })

  it('keeps letters of every script, and line breaks where they are wanted', () => {
    expect(terminalText('Grüße\n日本', { multiline: true })).toBe('Grüße\n日本')
    expect(terminalText('a\nb')).toBe('a‹U+000A›b')
  })
})
