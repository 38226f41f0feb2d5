import { fault } from '../errors/codes.ts'
import type { EncoderModelFolder } from '../model/model-folder.ts'
import { CHARACTERS_PER_TOKEN, DEFAULT_MAX_TOKENS } from '../model/work.ts'
import type { EncoderModel, EncoderReading } from './encoder-model.ts'
import { checkRequestOptions, type HostJob, waitFor } from './host-job.ts'
import type { HostSupervisor } from './host-supervisor.ts'
import type { LoadSpecification } from './protocol.ts'

/** A reading that several callers wait for. */
interface Shared {
  readonly job: HostJob
  waiting: number
}

/** The handle of a text encoder on a host. Callers that ask the same at the same time share one pass. */
export function encoderHandle(
  supervisor: HostSupervisor,
  folder: EncoderModelFolder,
  threads: number,
): EncoderModel {
  const { manifest } = folder
  const key = `encoder:${folder.directory}`
  const specification: LoadSpecification = { key, folder, use: { kind: 'encoder' }, threads }
  const shared = new Map<string, Shared>()

  const share = (texts: readonly string[], maxTokens: number | undefined): Shared => {
    const same = JSON.stringify([maxTokens, ...texts])
    const known = shared.get(same)
    if (known) return known
    const job = supervisor.submit(specification, { kind: 'read-texts', texts, maxTokens })
    const made: Shared = { job, waiting: 0 }
    shared.set(same, made)
    const forget = () => {
      if (shared.get(same) === made) shared.delete(same)
    }
    job.promise.then(forget, forget)
    return made
  }

  return {
    manifest,
    async warm(options = {}) {
      await this.read({ ...options, texts: ['a'] })
    },
    async read({ texts, maxTokens, outputs = Object.keys(manifest.outputs), ...options }) {
      checkRequestOptions(options)
      checkRead(texts, maxTokens)
      for (const output of outputs) {
        if (Object.hasOwn(manifest.outputs, output)) continue
        const known = Object.keys(manifest.outputs)
        throw fault('PARAPET_MODEL_OUTPUT_UNKNOWN', {
          model: manifest.id,
          output: output.slice(0, 60),
          outputs: known,
        })
      }
      if (options.signal?.aborted)
        throw fault('PARAPET_RUNTIME_ABORTED', {}, { cause: options.signal.reason })
      // A text of megabytes does not even cross to the host.
      const longest = (maxTokens ?? DEFAULT_MAX_TOKENS) * CHARACTERS_PER_TOKEN
      const sent = texts.filter((text) => text.length <= longest)
      if (sent.length === 0) return texts.map(() => ({ kind: 'too-long', tokens: undefined }))
      const reading = share(sent, maxTokens)
      reading.waiting += 1
      const leave = () => {
        reading.waiting -= 1
        if (reading.waiting === 0) supervisor.cancel(reading.job)
      }
      const readings = (await waitFor(reading.job.promise, {
        ...options,
        state: () => reading.job.state,
        leave,
      })) as readonly EncoderReading[]
      const next = readings.values()
      return texts.map((text) => {
        const answered = text.length <= longest ? next.next().value : undefined
        return answered ? onlyOutputs(answered, outputs) : { kind: 'too-long', tokens: undefined }
      })
    },
  }
}

function onlyOutputs(reading: EncoderReading, outputs: readonly string[]): EncoderReading {
  if (reading.kind === 'too-long') return reading
  return {
    ...reading,
    outputs: Object.fromEntries(outputs.map((name) => [name, reading.outputs[name] ?? []])),
  }
}

function checkRead(texts: unknown, maxTokens: number | undefined): void {
  const texted = Array.isArray(texts) && texts.every((text) => typeof text === 'string')
  if (!texted) {
    throw fault('PARAPET_RUNTIME_REQUEST_INVALID', {
      field: 'texts',
      received: Array.isArray(texts) ? 'an array with something else in it' : typeof texts,
      expected: 'an array of strings',
    })
  }
  checkMaxTokens(maxTokens)
}

/** @throws `PARAPET_RUNTIME_REQUEST_INVALID` */
export function checkMaxTokens(maxTokens: number | undefined): void {
  if (maxTokens === undefined || (Number.isInteger(maxTokens) && maxTokens >= 1)) return
  throw fault('PARAPET_RUNTIME_REQUEST_INVALID', {
    field: 'maxTokens',
    received: String(maxTokens),
    expected: 'a whole number of 1 or more',
  })
}
