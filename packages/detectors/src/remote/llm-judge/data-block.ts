import type { Message, Subject } from '@parapet/sdk'

/**
 * What could end the block, open another, pass for a control token of a chat model, or hide from whoever reads along:
 * written as `\uXXXX`, which JSON decodes and nothing else acts on.
 */
const STEERING = /[<>[\]|\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu

/** A text as a JSON string, on one line, in which nothing of `STEERING` is left. */
export function encodeText(text: string): string {
  return JSON.stringify(text).replace(STEERING, (found) =>
    Array.from({ length: found.length }, (_, index) => escaped(found.charCodeAt(index))).join(''),
  )
}

const escaped = (unit: number) => `\\u${unit.toString(16).padStart(4, '0')}`

/** The lines that a block stands between. */
export const blockStart = (nonce: string) => `<data-${nonce}>`
export const blockEnd = (nonce: string) => `</data-${nonce}>`

/**
 * What is judged, as one line of JSON between two lines that only this prompt has. No text can end the block: it holds
 * no `<` and no line break, whatever it decodes to. The nonce is for the model's eyes, the encoding is what holds.
 */
export function dataBlock({ stage, text, conversation }: Subject, nonce: string): string {
  const turns = conversation.map(encodeTurn).join(',')
  const line = `{"stage":"${stage}","conversation":[${turns}],"text":${encodeText(text)}}`
  return `${blockStart(nonce)}\n${line}\n${blockEnd(nonce)}`
}

function encodeTurn({ role, parts }: Message): string {
  const texts = parts.flatMap((part) => {
    if (part.type === 'text' || part.type === 'reasoning') return [part.text]
    if (part.type === 'tool-call') return [part.input]
    return part.type === 'tool-result' ? [part.output] : []
  })
  return `{"role":${encodeText(role)},"text":${encodeText(texts.join('\n'))}}`
}
