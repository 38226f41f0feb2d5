import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { fault } from '../errors/codes.ts'
import { externalFiles } from '../graph/external-files.ts'
import { encodeOnnx, type OnnxModel, openOnnx } from '../graph/onnx-model.ts'
import { referenceWeights } from '../graph/reference-weights.ts'
import { loadOnnxruntime, type OnnxRuntime } from './load-onnxruntime.ts'
import type { ModelFolder } from './model-folder.ts'
import { readVerifiedFile, verifyFile } from './verified-file.ts'

export type Tensors = Readonly<Record<string, Tensor>>

/** A loaded graph. Runs are synchronous inside: the thread that asks computes. */
export interface OnnxSession {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  /** The element type of an input or output, such as `float32`; `undefined` where the graph does not have it. */
  typeOf(name: string): string | undefined
  /**
   * One pass. `fetches` names the outputs; a tensor beside a name is written into.
   * @throws `PARAPET_RUNTIME_RUN_FAILED`
   */
  run(feeds: Tensors, fetches: Readonly<Record<string, Tensor | null>>): Promise<Tensors>
  readonly tensors: OnnxRuntime['Tensor']
  dispose(): Promise<void>
}

export const MODEL_FILE = 'model.onnx'

/**
 * Opens the graph of a model folder, edits it and makes a session of it. Every file that is loaded is checked first.
 * @throws `PARAPET_MODEL_FILE_MISSING`, `…_DIGEST_MISMATCH`, `…_CORRUPT`, `…_LOAD_FAILED`, `PARAPET_RUNTIME_PEER_MISSING`
 */
export async function openOnnxSession(
  folder: ModelFolder,
  options: { threads: number; edit?: (model: OnnxModel) => OnnxModel },
): Promise<OnnxSession> {
  const model = folder.manifest.id
  const runtime = await loadOnnxruntime()
  const graph = await readGraph(folder, options.edit ?? ((opened) => opened))
  try {
    const session = await runtime.InferenceSession.create(graph, sessionOptions(folder, options.threads))
    return wrapSession(session, runtime, model)
  } catch (cause) {
    throw fault('PARAPET_MODEL_LOAD_FAILED', { model, attempts: 1 }, { cause })
  }
}

/**
 * The file's bytes are let go of when this returns: the encoded graph only refers to them. Weights outside the file are
 * never read here: their files are checked in a stream, and onnxruntime maps what it needs. Only files that the manifest
 * lists are referred to, so a graph cannot have another file loaded as its weights.
 */
async function readGraph(folder: ModelFolder, edit: (model: OnnxModel) => OnnxModel): Promise<Uint8Array> {
  const bytes = await readVerifiedFile(folder, MODEL_FILE)
  const edited = edit(openOnnx(bytes, folder.manifest.id, MODEL_FILE))
  for (const file of externalFiles(edited)) await verifyFile(folder, file)
  return encodeOnnx(referenceWeights(edited, bytes, MODEL_FILE))
}

function sessionOptions(folder: ModelFolder, threads: number): InferenceSession.SessionOptions {
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 4,
    extra: {
      session: {
        model_external_initializers_file_folder_path: folder.directory,
        // A host that waits should leave the cores to the app.
        intra_op: { allow_spinning: '0' },
      },
    },
  }
}

function wrapSession(session: InferenceSession, runtime: OnnxRuntime, model: string): OnnxSession {
  const types = new Map<string, string>()
  for (const value of [...session.inputMetadata, ...session.outputMetadata]) {
    if (value.isTensor) types.set(value.name, value.type)
  }
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    typeOf: (name) => types.get(name),
    async run(feeds, fetches) {
      try {
        return (await session.run(feeds, fetches)) as Tensors
      } catch (cause) {
        throw fault('PARAPET_RUNTIME_RUN_FAILED', { model }, { cause })
      }
    },
    tensors: runtime.Tensor,
    dispose: () => session.release(),
  }
}
