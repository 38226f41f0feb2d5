import { adapterError } from '../errors/codes.ts'

/** Settles like `work`, or rejects after so long without it. @throws PARAPET_ADAPTER_PROVIDER_STALLED */
export async function withinSilence<Result>(work: PromiseLike<Result>, stallMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(adapterError('PARAPET_ADAPTER_PROVIDER_STALLED', { stallMs })), stallMs)
    // What is waited for keeps the process alive; a clock beside a call that was given up need not.
    timer.unref()
  })
  try {
    return await Promise.race([work, silence])
  } finally {
    clearTimeout(timer)
  }
}
