/** A code point that was hidden in the text, and where it stood. */
export interface HiddenCharacter {
  readonly codePoint: number
  readonly start: number
  readonly end: number
}

/** The flags that are written with tags (England, Scotland, Wales): their tags say nothing. */
const FLAG_TAGS = new Set(['gbeng', 'gbsct', 'gbwls'])
const BLACK_FLAG = 0x1f3f4
const CANCEL_TAG = 0xe007f

/**
 * Collects text that is written in invisible characters: tags (U+E0020 to U+E007E stand for ASCII) and runs of
 * variation selectors (each stands for a byte; an ordinary text never has two in a row).
 */
export class HiddenText {
  readonly characters: HiddenCharacter[] = []
  #tags: HiddenCharacter[] = []
  #bytes: HiddenCharacter[] = []
  #isBehindFlag = false

  /** Reads one code point, visible or not, in order. */
  read(codePoint: number, start: number, end: number): void {
    if (codePoint >= 0xe0020 && codePoint <= 0xe007e) {
      this.#tags.push({ codePoint: codePoint - 0xe0000, start, end })
    } else if (codePoint === CANCEL_TAG) {
      this.#endTags()
    } else if (codePoint >= 0xfe00 && codePoint <= 0xfe0f) {
      this.#bytes.push({ codePoint: codePoint - 0xfe00, start, end })
    } else if (codePoint >= 0xe0100 && codePoint <= 0xe01ef) {
      this.#bytes.push({ codePoint: codePoint - 0xe0100 + 16, start, end })
    }
  }

  /** Tells that a visible character follows. */
  readVisible(codePoint: number): void {
    this.endRuns()
    this.#isBehindFlag = codePoint === BLACK_FLAG
  }

  endRuns(): void {
    if (this.#tags.length > 0) this.#endTags()
    if (this.#bytes.length > 0) this.#endBytes()
  }

  #endTags(): void {
    const isFlag =
      this.#isBehindFlag &&
      this.#tags.length === 5 &&
      FLAG_TAGS.has(String.fromCodePoint(...this.#tags.map((tag) => tag.codePoint)))
    if (!isFlag) for (const tag of this.#tags) this.characters.push(tag)
    this.#tags = []
    this.#isBehindFlag = false
  }

  #endBytes(): void {
    const run = this.#bytes
    this.#bytes = []
    if (run.length < 2) return
    const text = decodeUtf8(Uint8Array.from(run, (byte) => byte.codePoint))
    if (text === undefined) return
    let at = 0
    for (const character of text) {
      const codePoint = character.codePointAt(0) as number
      const length = codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4
      const first = run[at] as HiddenCharacter
      const last = run[at + length - 1] as HiddenCharacter
      this.characters.push({ codePoint, start: first.start, end: last.end })
      at += length
    }
  }
}

/** The text of bytes that are UTF-8 and printable; undefined for others, which are no text. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return /[^\P{C}\s]/u.test(text) ? undefined : text
  } catch {
    return undefined
  }
}
