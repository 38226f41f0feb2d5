/** A signal of its own that follows others. */
export interface LinkedAbort {
  readonly signal: AbortSignal
  abort(reason: unknown): void
  /** Follows no more, and leaves nothing behind at the signals that it followed. */
  unlink(): void
}

/**
 * Follows signals until it is unlinked. Unlike `AbortSignal.any`, whose signals live on for as long as somebody listens to them
 * and one of their sources lives: here a source is the server's own.
 */
export function linkedAbort(...sources: readonly AbortSignal[]): LinkedAbort {
  const controller = new AbortController()
  const follow = (event: Event) => controller.abort((event.target as AbortSignal).reason)
  const unlink = () => {
    for (const source of sources) source.removeEventListener('abort', follow)
  }
  for (const source of sources) {
    if (source.aborted) controller.abort(source.reason)
    else source.addEventListener('abort', follow, { once: true })
  }
  return { signal: controller.signal, abort: (reason) => controller.abort(reason), unlink }
}
