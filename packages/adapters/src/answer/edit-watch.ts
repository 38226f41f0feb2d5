/**
 * Compares what a gate releases of a text with what was pushed, so that an adapter sees whether, and from where on,
 * the text was edited. Keeps only what has not been released.
 */
export class EditWatch {
  readonly #keepsRest: boolean
  #pending = ''
  #edited = false
  #rest = ''

  /** @param options.keepRest keeps what is released from the first edit on, for `rest` */
  constructor(options: { readonly keepRest: boolean }) {
    this.#keepsRest = options.keepRest
  }

  /** Whether the released text has left the pushed one. */
  get edited(): boolean {
    return this.#edited
  }

  /** Whether everything that was pushed has been released as it was. */
  get settled(): boolean {
    return !this.#edited && this.#pending === ''
  }

  /** What was released from the first edit on. */
  get rest(): string {
    return this.#rest
  }

  push(delta: string): void {
    if (!this.#edited) this.#pending += delta
  }

  /** Takes a released piece; returns what of it stands before the first edit. */
  release(text: string): string {
    if (this.#edited) {
      if (this.#keepsRest) this.#rest += text
      return ''
    }
    const same = commonLength(this.#pending, text)
    if (same === text.length) {
      this.#pending = this.#pending.slice(same)
      return text
    }
    this.#edited = true
    this.#pending = ''
    if (this.#keepsRest) this.#rest = text.slice(same)
    return text.slice(0, same)
  }
}

/** How many UTF-16 units two texts begin with alike; never ends within a surrogate pair. */
function commonLength(a: string, b: string): number {
  if (a.startsWith(b)) return b.length
  const most = Math.min(a.length, b.length)
  let length = 0
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++
  return (a.codePointAt(length - 1) ?? 0) > 0xffff ? length - 1 : length
}
