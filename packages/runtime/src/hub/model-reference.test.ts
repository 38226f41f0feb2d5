import { describe, expect, test } from '@jest/globals'
import { parseModelReference } from './model-reference.ts'

describe('parseModelReference', () => {
  test.each([
    ['hf:owner/name', { repo: 'owner/name', revision: undefined, dtype: undefined }],
    ['hf:owner/name@v1.0', { repo: 'owner/name', revision: 'v1.0', dtype: undefined }],
    ['hf:owner/name@refs/pr/1#q4', { repo: 'owner/name', revision: 'refs/pr/1', dtype: 'q4' }],
    [
      'hf:HuggingFaceTB/SmolLM2-135M-Instruct#fp32',
      { repo: 'HuggingFaceTB/SmolLM2-135M-Instruct', dtype: 'fp32' },
    ],
    ['hf:gpt2', { repo: 'gpt2' }],
  ])('%s', (reference, expected) => {
    expect(parseModelReference(reference)).toMatchObject({ kind: 'hub', ...expected })
  })

  test.each(['./folder', '/folder@main', '@parapet/model-sentinel', 'C:\\models\\x', ''])(
    '%s is a folder or a package',
    (name) => expect(parseModelReference(name)).toEqual({ kind: 'local', name }),
  )

  test.each([
    'hf:',
    'hf:a/b/c',
    'hf:../b',
    'hf:a/..',
    'hf:a/b.git',
    'hf:a--b/c',
    'hf:-a/b',
    'hf:a b/c',
    `hf:${'a'.repeat(97)}/b`,
    'hf:a/b@',
    'hf:a/b@../main',
    'hf:a/b@a//b',
    'hf:a/b@main?x=1',
    'hf:a/b#',
    'hf:a/b#q3',
    'hf:a/b\n@main',
    'hf:https://elsewhere.example/a',
  ])('%j is refused', (reference) => {
    expect(() => parseModelReference(reference)).toThrow(
      expect.objectContaining({ code: 'PARAPET_HUB_REFERENCE_INVALID' }),
    )
  })

  test('a message shows plain characters of a reference, and few of them', () => {
    const hostile = `hf:a/b@\u001b[31m${'x'.repeat(500)}`

    expect(() => parseModelReference(hostile)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^[\x20-\x7e…]{1,300}$/) }),
    )
  })
})
