import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { callParapet } from './call-parapet.ts'
import { jsonLines, parseLines, runParapet } from './run-parapet.ts'

describe('parapet answer', () => {
  it('answers texts and conversations in order, and the same each time', async () => {
    const messages = [
      { role: 'user', content: 'Name a colour.' },
      { role: 'assistant', content: 'Blue.' },
      { role: 'user', content: 'Name another one.' },
    ]
    const lines = [
      { id: 'a', text: 'What is the capital of France?', response: 'an old one' },
      { id: 'b', messages },
      { id: 'c', text: 'What is the capital of France?' },
      { id: 'd' },
    ]

    const { status, stdout, stderr } = await runParapet(
      ['answer', '--max-tokens', '6', '--concurrency', '3'],
      {
        input: jsonLines(lines),
      },
    )

    const [first, second, third, fourth] = parseLines(stdout)
    expect(status).toBe(1)
    expect(first).toMatchObject({ id: 'a', finishReason: expect.stringMatching(/^(end|max-tokens)$/) })
    expect(first?.['response']).toMatch(/\w/)
    expect(first?.['response']).not.toBe('an old one')
    expect(second).toMatchObject({ id: 'b', messages, response: expect.stringMatching(/\w/) })
    expect(third).toMatchObject({ id: 'c', response: first?.['response'] })
    expect(fourth).toEqual({ id: 'd', failed: 'PARAPET_CLI_LINE_INVALID' })
    expect(stderr).toContain('1 of 4 lines')
  })

  it.each([
    ['a package that is not installed', '@parapet/model-none', 'PARAPET_MODEL_NOT_INSTALLED'],
    ['a model of another kind', '@parapet/model-encoder', 'PARAPET_MODEL_KIND_WRONG'],
    ['a folder that holds no model', join(import.meta.dirname, 'none'), 'PARAPET_MODEL_FILE_MISSING'],
    ['a name of a hub that is none', 'hf:../x', 'PARAPET_HUB_REFERENCE_INVALID'],
  ])('ends with 1 for %s', async (_, model, code) => {
    const { status, stdout, stderr } = await callParapet(['answer', '--model', model])

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^${code}: `))
  })

  it('refuses a number out of range', async () => {
    const { status, stderr } = await callParapet(['answer', '--max-tokens', '0'])

    expect(status).toBe(2)
    expect(stderr).toContain('--max-tokens takes a whole number from 1 to 8192')
  })
})
