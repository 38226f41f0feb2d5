import { createHash } from 'node:crypto'
import type { DecoderModelFolder } from '@parapet/runtime'

const GRAPH = 'model.onnx'
/** What is listed and holds no weights: configuration, tokenizer, texts, other graphs, the direction itself. */
const NO_WEIGHTS = /^(LICEN[CS]E|NOTICE|direction\.safetensors|.*\.(json|jinja|txt|md|model|onnx))$/

/**
 * What tells a model's weights apart, out of its manifest alone: the SHA-256 of `model.onnx`; where weights lie in files
 * beside it, the SHA-256 of what `sha256sum` prints of the graph and these files, in the order of their names. Two tunings
 * of one model have one graph, and differ there alone.
 * @returns lower-case hexadecimal, or `not listed` where the manifest has no graph
 */
export function modelDigest({ files }: Pick<DecoderModelFolder['manifest'], 'files'>): string {
  const graph = Object.hasOwn(files, GRAPH) ? files[GRAPH] : undefined
  if (graph === undefined) return 'not listed'
  const beside = Object.keys(files).filter((name) => !NO_WEIGHTS.test(name))
  if (beside.length === 0) return graph.sha256
  const lines = [GRAPH, ...beside].toSorted().map((name) => `${files[name]?.sha256}  ${name}\n`)
  return createHash('sha256').update(lines.join(''), 'utf8').digest('hex')
}
