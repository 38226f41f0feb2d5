/** A signal that aborts when nothing has come for a while, or when the caller goes away. */
export interface IdleSignal {
  readonly signal: AbortSignal
  /** Whether it was the wait that ended it. */
  readonly idle: () => boolean
  /** Something came: the wait starts anew. */
  touch(): void
  /** Ends the watch. */
  end(): void
}

export function idleSignal(idleMs: number, caller: AbortSignal): IdleSignal {
  const waited = new AbortController()
  const timer = setTimeout(() => waited.abort(), idleMs)
  return {
    signal: AbortSignal.any([waited.signal, caller]),
    idle: () => waited.signal.aborted,
    touch: () => void timer.refresh(),
    end: () => clearTimeout(timer),
  }
}
