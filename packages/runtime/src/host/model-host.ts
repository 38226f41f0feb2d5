import type { DecoderModelFolder, EncoderModelFolder } from '../model/model-folder.ts'
import type { DecoderModel } from './decoder-model.ts'
import type { EncoderModel } from './encoder-model.ts'

/** How a model host is run. */
export interface ModelHostOptions {
  /** Requests that may wait; one more fails with `PARAPET_RUNTIME_OVERLOADED`. 1 or more. @default 64 */
  readonly maxQueue?: number
  /** Threads that one pass computes with, 1 or more. @default 2, or 1 where there is one core */
  readonly threads?: number
  /**
   * `process`: models compute in a child process; the app's event loop never waits, and a crash harms nothing.
   * `none`: in this process, for scripts: each chunk of work blocks the event loop. @default 'process'
   */
  readonly isolation?: 'process' | 'none'
  /** Milliseconds that a model may take to load. @default 60000 */
  readonly loadTimeoutMs?: number
  /** Milliseconds without a sign of life, while it has work, after which a host is killed and replaced. @default 10000 */
  readonly unresponsiveMs?: number
  /** Answers being written at the same time, each with its own key-value cache. @default 4 */
  readonly maxGenerations?: number
  /**
   * Tokens of prompts that are kept after they were read, for their answers: the answer to a prompt that was read passes its
   * tokens no second time. Reading then runs the whole graph that answers, where it otherwise ends behind the deepest block
   * asked for: worth it where most of what is read is answered by the same model. 0 keeps none, and 1 token takes the
   * keys and values of all blocks, 46 kB in the shipped sentinel. @default 0
   */
  readonly sharedPrefillTokens?: number
  /** MiB that the JavaScript heap of the child may take; weights and tensors are not in it. @default 512 */
  readonly maxHeapMb?: number
}

/** What a host is doing now. */
export interface ModelHostStatus {
  readonly state: 'idle' | 'starting' | 'ready' | 'closed'
  /** Requests waiting in this process. */
  readonly queued: number
  /** Requests handed to the host and not answered. */
  readonly running: number
  /** Hosts that crashed, hung or were killed, and were replaced. */
  readonly replaced: number
  /** The child's process id, while there is one. */
  readonly pid: number | undefined
  /** The host's resident memory in bytes at its last sign of life. */
  readonly residentBytes: number | undefined
}

/** A place where models compute: a bounded queue before a child process that is replaced when it fails. */
export interface ModelHost {
  /** A handle on a text encoder; nothing is started or loaded until it is asked something. */
  encoder(folder: EncoderModelFolder): EncoderModel
  /** A handle on a chat model; nothing is started or loaded until it is asked something. */
  decoder(folder: DecoderModelFolder): DecoderModel
  status(): ModelHostStatus
  /** Rejects what waits and what runs with `PARAPET_RUNTIME_CLOSED`, and ends the child. Safe to call twice. */
  close(): Promise<void>
}
