import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { openModelFolder } from '@parapet/runtime'
import { decoderFolder, decoderIdentity, type Files } from '../../test/builders/weights-folder.ts'
import { templateDigest } from './check-direction.ts'

const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex')
const config = (value: object) => ({ 'tokenizer_config.json': JSON.stringify(value) })
const digestOf = async (files: Files) =>
  templateDigest(await openModelFolder(await decoderFolder(files), 'decoder'))

describe('the digest of the template that prompts are made with', () => {
  test('is that of one text in the configuration', async () => {
    expect(await digestOf({})).toBe(decoderIdentity.templateSha256)
  })

  test('is that of chat_template.jinja, which counts before the configuration', async () => {
    const jinja = { 'chat_template.jinja': '{{ messages }} é' }

    expect(await digestOf(jinja)).toBe(sha256('{{ messages }} é'))
    expect(await digestOf({ ...config({}), ...jinja })).toBe(sha256('{{ messages }} é'))
  })

  test('needs no tokenizer_config.json, as the model needs none', async () => {
    const files = { 'tokenizer_config.json': undefined, 'chat_template.jinja': '{{ messages }}' }

    expect(await digestOf(files)).toBe(sha256('{{ messages }}'))
  })

  test('is that of the default one, of several by name', async () => {
    const named = (text: string) =>
      config({
        chat_template: [
          { name: 'tool_use', template: '{{ tools }}' },
          { name: 'default', template: text },
        ],
      })

    expect(await digestOf(named('{{ a }}'))).toBe(sha256('{{ a }}'))
    expect(await digestOf(named('{{ b }}'))).toBe(sha256('{{ b }}'))
  })

  test('of a model without a template is none', async () => {
    expect(await digestOf(config({}))).toBe('none')
    expect(await digestOf({ 'tokenizer_config.json': undefined })).toBe('none')
  })

  test('is not made of a file that has changed', async () => {
    const folder = await decoderFolder({ 'chat_template.jinja': '{{ messages }}' })
    await writeFile(join(folder, 'chat_template.jinja'), '{{ somethin }}')

    await expect(templateDigest(await openModelFolder(folder, 'decoder'))).rejects.toMatchObject({
      code: 'PARAPET_MODEL_DIGEST_MISMATCH',
    })
  })
})
