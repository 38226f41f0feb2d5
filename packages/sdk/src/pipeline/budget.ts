/** A signal that aborts when a budget is spent or the caller gives up. */
export interface Budget {
  readonly signal: AbortSignal
  /** What it was for is over: nothing is left behind, neither at the caller's signal nor at the clock. */
  end(): void
}

/**
 * Begins a budget. Unlike `AbortSignal.timeout`, whose timer runs on when the work is done, and then makes an error that nobody
 * reads.
 */
export function beginBudget(budgetMs: number, caller: AbortSignal | undefined): Budget {
  const controller = new AbortController()
  const spent = () =>
    controller.abort(new DOMException(`The budget of ${budgetMs} ms is spent.`, 'TimeoutError'))
  const left = () => controller.abort(caller?.reason)
  const timer = setTimeout(spent, budgetMs).unref()
  if (caller?.aborted) left()
  else caller?.addEventListener('abort', left, { once: true })
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer)
      caller?.removeEventListener('abort', left)
    },
  }
}
