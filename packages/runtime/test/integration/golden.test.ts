import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { loadChatTemplate, loadTokenizer } from '../../src/model/load-tokenizer.ts'
import { openModelFolder } from '../../src/model/model-folder.ts'
import { resolveModelPackage } from '../../src/model/resolve-model-package.ts'
import { buildChatPrompt } from '../../src/text/chat-prompt.ts'

/** What the recipe in Python wrote down: texts or conversations, and the tokens that it made of them. */
const goldenSchema = z.object({
  inputs: z
    .array(
      z.object({
        text: z.string().optional(),
        messages: z
          .array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }))
          .optional(),
        /** An answer's tokens follow those of its prompt. */
        answer: z.string().optional(),
        inputIds: z.array(z.int()),
      }),
    )
    .min(20),
})

async function goldenOf(name: string) {
  const directory = resolveModelPackage(name, import.meta.url)
  const golden = goldenSchema.parse(JSON.parse(await readFile(join(directory, 'golden.json'), 'utf8')))
  return { folder: await openModelFolder(directory), inputs: golden.inputs }
}

describe('the tokens are those of the library that the weights were made with', () => {
  test('the sentinel: whole prompts, through the chat template', async () => {
    const { folder, inputs } = await goldenOf('@parapet/model-sentinel')
    const tokenizer = await loadTokenizer(folder)
    const template = await loadChatTemplate(folder)

    for (const { text = '', answer = '', messages: turns, inputIds } of inputs) {
      const messages = turns ?? [{ role: 'user' as const, content: text }]
      const { ids } = buildChatPrompt(messages, template, tokenizer)
      expect([...ids, ...tokenizer.encode(answer)]).toEqual(inputIds)
    }
  })

  test('the encoder: texts without the special tokens around them', async () => {
    const { folder, inputs } = await goldenOf('@parapet/model-encoder')
    const tokenizer = await loadTokenizer(folder)

    for (const { text = '', inputIds } of inputs) expect(tokenizer.encode(text)).toEqual(inputIds)
  })
})
