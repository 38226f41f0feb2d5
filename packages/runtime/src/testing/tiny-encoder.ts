import {
  BOOL,
  FLOAT,
  floats,
  graph,
  INT64,
  integers,
  model,
  node,
  seededFloats,
  truth,
  value,
} from './onnx-builder.ts'
import { TINY_WORD_VOCABULARY, TINY_WORDS, tinyWordTokenizer } from './tiny-tokenizer.ts'
import { writeModelFolder } from './write-model-folder.ts'

const HIDDEN = 8
const FIRST_WORD = 4
const wordId = (word: (typeof TINY_WORDS)[number]) => FIRST_WORD + TINY_WORDS.indexOf(word)
/** Turns of the loop for a `slow`: half a second or so. */
const SLOW_TURNS = 250_000

/**
 * The graph of a text classifier that has learnt nothing: it means embeddings and applies two heads.
 * A text with `hang` keeps it in a loop that does not end; each `slow` costs it half a second or so.
 */
export function tinyEncoder(): Uint8Array {
  const body = graph({
    nodes: [
      node('Identity', ['going'], ['going_on']),
      // Each turn adds nothing, in a way that cannot be left out.
      node('Mul', ['carried', 'one'], ['carried_on']),
    ],
    inputs: [value('turn', INT64, []), value('going', BOOL, []), value('carried', FLOAT, [])],
    outputs: [value('going_on', BOOL, []), value('carried_on', FLOAT, [])],
  })
  const countOf = (word: 'slow' | 'hang', turns: string, result: string) => [
    node('Equal', ['input_ids', `${word}_id`], [`${word}_where`]),
    node('Cast', [`${word}_where`], [`${word}_ones`], { attributes: { to: INT64 } }),
    node('ReduceSum', [`${word}_ones`], [`${word}_count`], { attributes: { keepdims: 0 } }),
    node('Mul', [`${word}_count`, turns], [result]),
  ]
  return model({
    nodes: [
      ...countOf('slow', 'slow_turns', 'turns_slow'),
      ...countOf('hang', 'hang_turns', 'turns_hang'),
      node('Add', ['turns_slow', 'turns_hang'], ['turns']),
      node('Loop', ['turns', 'always', 'one'], ['looped'], { attributes: { body: { graph: body } } }),
      node('Gather', ['embedding', 'input_ids'], ['embedded']),
      node('ReduceMean', ['embedded'], ['mean'], { attributes: { axes: [1], keepdims: 0 } }),
      node('Mul', ['mean', 'looped'], ['read']),
      node('MatMul', ['read', 'toxicity_head'], ['toxicity']),
      node('MatMul', ['read', 'sentiment_head'], ['sentiment']),
    ],
    initialisers: [
      floats('embedding', [TINY_WORD_VOCABULARY, HIDDEN], seededFloats(1, TINY_WORD_VOCABULARY * HIDDEN)),
      floats('toxicity_head', [HIDDEN, 2], seededFloats(2, HIDDEN * 2)),
      floats('sentiment_head', [HIDDEN, 3], seededFloats(3, HIDDEN * 3)),
      floats('one', [], Float32Array.of(1)),
      truth('always', true),
      integers('slow_id', [], [wordId('slow')]),
      integers('hang_id', [], [wordId('hang')]),
      integers('slow_turns', [], [SLOW_TURNS]),
      integers('hang_turns', [], [2 ** 50]),
    ],
    inputs: [
      value('input_ids', INT64, ['batch', 'sequence']),
      value('attention_mask', INT64, ['batch', 'sequence']),
    ],
    outputs: [value('toxicity', FLOAT, ['batch', 2]), value('sentiment', FLOAT, ['batch', 3])],
  })
}

/** Writes the folder of a tiny text encoder: two outputs, windows of 16 tokens. */
export async function writeTinyEncoder(
  directory: string,
  changes: { files?: Readonly<Record<string, Uint8Array | object>>; manifest?: object } = {},
): Promise<void> {
  await writeModelFolder(
    directory,
    { 'model.onnx': tinyEncoder(), 'tokenizer.json': tinyWordTokenizer(), ...changes.files },
    {
      id: 'tiny-encoder',
      kind: 'encoder',
      outputs: {
        toxicity: { labels: ['toxic', 'insult'] },
        sentiment: { labels: ['negative', 'neutral', 'positive'] },
      },
      windowTokens: 16,
      strideTokens: 10,
      ...changes.manifest,
    },
  )
}
