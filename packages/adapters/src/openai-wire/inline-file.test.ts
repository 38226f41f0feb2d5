import { describe, expect, it } from '@jest/globals'
import type { Message } from '@parapet/sdk'
import { chatRequest } from './chat/chat-request.ts'
import type { Json } from './json-value.ts'
import { responsesRequest } from './responses/responses-request.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const url = (type: string, text: string) => `data:${type};base64,${base64(text)}`
const said = 'my key is SECRET-1234'

const FORMS: Readonly<Record<string, (file: Json) => { messages: readonly Message[]; apply: unknown }>> = {
  'chat completions': (file) =>
    chatRequest({ model: 'm', messages: [{ role: 'user', content: [{ type: 'file', file }] }] }),
  responses: (file) =>
    responsesRequest({ model: 'm', input: [{ role: 'user', content: [{ type: 'input_file', ...file }] }] }),
}

describe.each(Object.entries(FORMS))('a file in the request of %s', (_, read) => {
  const partsOf = (file: Json) =>
    read(file).messages[0]?.parts.map((part) => ('text' in part ? part.text : part.type))

  it.each<readonly [string, Json]>([
    ['a data: URL of a text type', { file_data: url('text/plain', said) }],
    ['a data: URL of JSON', { file_data: url('application/json', said) }],
    ['a data: URL without a type, with such a name', { file_data: url('application/octet-stream', said) }],
    ['base64 with such a name', { file_data: base64(said) }],
  ])('is judged as the text that it is: %s', (__, file) => {
    expect(partsOf({ filename: 'a note.md', ...file })).toEqual(['a note.md', said])
  })

  it.each<readonly [string, Json]>([
    ['bytes', { filename: 'a.txt', file_data: Buffer.from([0xff, 0xfe, 0]).toString('base64') }],
    ['base64 without a name', { file_data: base64(said) }],
    ['another kind, also in ASCII', { filename: 'a.pdf', file_data: base64(said) }],
    ['another kind under a name of text', { filename: 'a.txt', file_data: url('application/pdf', said) }],
    ['an id', { file_id: 'file-1' }],
    ['nothing', {}],
  ])('goes to onAbstain where nothing here can read it: %s', (__, file) => {
    const { filename } = file

    expect(partsOf(file)).toEqual([...(filename === undefined ? [] : [filename]), 'media'])
  })

  it('goes to onAbstain, too, where its name or another member promises something else', () => {
    const text = url('text/plain', said)

    expect(partsOf({ filename: 'a.pdf', file_data: text })).toEqual(['a.pdf', said, 'media'])
    expect(partsOf({ file_data: text, file_id: 'file-1' })).toEqual([said, 'media'])
  })

  it.each<readonly [string, string]>([
    ['data:text/plain;base64,', url('text/plain', said)],
    ['', base64(said)],
  ])('leaves with its edits, in the form in which it came: %s', (prefix, data) => {
    const asked = read({ filename: 'a.txt', file_data: data }) as ReturnType<typeof chatRequest>
    const edited = asked.messages.map(({ role, parts }) => ({
      role,
      parts: parts.map((part) => ('text' in part ? { ...part, text: part.text.replace('1234', '·') } : part)),
    }))

    const sent = JSON.stringify(asked.apply(edited))

    expect(sent).toContain(`"${prefix}${base64('my key is SECRET-·')}"`)
    expect(sent).not.toContain(base64(said))
  })
})
