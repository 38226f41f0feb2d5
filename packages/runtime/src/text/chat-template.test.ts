import { describe, expect, test } from '@jest/globals'
import { TINY_CHAT_TEMPLATE } from '../testing/tiny-tokenizer.ts'
import { compileChatTemplate } from './chat-template.ts'

const CANARY = 'canary-7f3a'
const user = [{ role: 'user' as const, content: CANARY }]

describe('compileChatTemplate', () => {
  test('renders messages, with and without the opening of the answer', () => {
    const template = compileChatTemplate(TINY_CHAT_TEMPLATE, {}, 'tiny')

    expect(template.render(user, true)).toBe(
      `<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n${CANARY}<|im_end|>\n<|im_start|>assistant\n`,
    )
    expect(template.render(user, false)).not.toContain('assistant')
  })

  test('knows whether the template trims contents', () => {
    const trimming = "{% for m in messages %}<{{ m['content'] | trim }}>{% endfor %}"

    expect(compileChatTemplate(TINY_CHAT_TEMPLATE, {}, 'tiny').trims).toBe(false)
    expect(compileChatTemplate(trimming, {}, 'tiny').trims).toBe(true)
  })

  test.each([
    [
      'nested loops',
      '{% for a in range(100000) %}{% for b in range(100000) %}{{ a }}{% endfor %}{% endfor %}',
    ],
    [
      'a macro that calls itself twice',
      '{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}',
    ],
  ])('%s are stopped in time', (_, source) => {
    expect(() => compileChatTemplate(source, {}, 'tiny', 100)).toThrow(
      expect.objectContaining({ code: 'PARAPET_MODEL_TEMPLATE_TIMEOUT' }),
    )
  })

  test('a text that doubles and doubles does not take the process with it', () => {
    const source =
      "{% set ns = namespace(t='xxxxxxxxxxxxxxxx') %}{% for i in range(40) %}{% set ns.t = ns.t + ns.t %}{% endfor %}{{ ns.t }}"

    expect(() => compileChatTemplate(source, {}, 'tiny', 500)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^PARAPET_MODEL_TEMPLATE_(REFUSED|TIMEOUT)$/) }),
    )
  })

  test('a source that is no template is PARAPET_MODEL_TEMPLATE_INVALID', () => {
    expect(() => compileChatTemplate('{% for %}', {}, 'tiny')).toThrow(
      expect.objectContaining({ code: 'PARAPET_MODEL_TEMPLATE_INVALID' }),
    )
  })

  test('a template that refuses names the roles, and nothing of the messages', () => {
    const source =
      "{% for m in messages %}{% if m['role'] == 'tool' %}{{ raise_exception('no: ' + m['content']) }}{% endif %}{% endfor %}"
    const template = compileChatTemplate(source, {}, 'tiny')
    let caught: unknown
    try {
      template.render([...user, { role: 'tool', content: CANARY }], true)
    } catch (error) {
      caught = error
    }

    expect(caught).toMatchObject({ code: 'PARAPET_MODEL_TEMPLATE_REFUSED' })
    expect((caught as Error).message).toContain('user, tool')
    expect(
      `${(caught as Error).message}${String((caught as Error).cause)}${(caught as Error).stack}`,
    ).not.toContain(CANARY)
  })

  test('the constants of the tokenizer can be used', () => {
    const source = "{{ bos_token }}{% for m in messages %}{{ m['content'] }}{% endfor %}"

    expect(compileChatTemplate(source, { bos_token: '<s>' }, 'tiny').render(user, true)).toBe(`<s>${CANARY}`)
  })
})
