import { HUGGING_FACE_CAPABILITIES } from '@parapet/adapters/huggingface'
import { chatArgs, type HuggingFaceDialect, TEXT_CAPABILITIES, textArgs } from './hugging-face-driver.ts'
import { CHAT_FORM, CHUNKS_FORM, TOKENS_FORM } from './scripted-hugging-face.ts'

type Json = Record<string, unknown>
const texts = (value: unknown) => (value ?? []) as Json[]
const optionsOf = (signal: AbortSignal | undefined) => (signal ? { signal } : {})

/** Chats: `chatCompletion` and its stream. */
export const chat: HuggingFaceDialect = {
  form: CHAT_FORM,
  capabilities: HUGGING_FACE_CAPABILITIES,
  args: chatArgs,
  whole: (client, args, signal) => client.chatCompletion(args as never, optionsOf(signal)),
  stream: (client, args, signal) => client.chatCompletionStream(args as never, optionsOf(signal)) as never,
  texts: ({ choices }) =>
    texts(choices).map(({ index, delta, message }) => {
      const { content, reasoning_content: reasoning } = (delta ?? message) as Json
      return { choice: Number(index), content: String(content ?? ''), reasoning: String(reasoning ?? '') }
    }),
  calls: (pieces) =>
    pieces.flatMap(({ choices }) =>
      texts(choices).flatMap(({ delta, message }) =>
        texts(((delta ?? message) as Json)['tool_calls']).map(({ function: called }) => {
          const { name, arguments: input } = called as { name: string; arguments: string }
          return { name, input }
        }),
      ),
    ),
}

const generation: Omit<HuggingFaceDialect, 'form' | 'texts'> = {
  capabilities: TEXT_CAPABILITIES,
  args: textArgs,
  whole: (client, args, signal) => client.textGeneration(args as never, optionsOf(signal)) as never,
  stream: (client, args, signal) => client.textGenerationStream(args as never, optionsOf(signal)) as never,
  calls: () => [],
}

const whole = ({ generated_text: content }: Json) => ({ choice: 0, content: String(content), reasoning: '' })

/** Text generations in tokens, as TGI streams them. */
export const tokens: HuggingFaceDialect = {
  ...generation,
  form: TOKENS_FORM,
  texts: (piece) =>
    piece['token'] === undefined
      ? [whole(piece)]
      : [{ choice: 0, content: String((piece['token'] as Json)['text']), reasoning: '' }],
}

/** Text generations in chunks of a completion, as other servers stream them. */
export const chunks: HuggingFaceDialect = {
  ...generation,
  form: CHUNKS_FORM,
  // What the provider never saw has the form that the client's types say.
  texts: (piece) =>
    piece['choices'] === undefined
      ? tokens.texts(piece)
      : texts(piece['choices']).map(({ index, text }) => ({
          choice: Number(index),
          content: String(text),
          reasoning: '',
        })),
}
