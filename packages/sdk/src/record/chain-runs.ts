import type { Break } from './break.ts'
import { FIRST_PREVIOUS, type Head } from './chain.ts'
import type { DecisionRecord } from './decision-record.ts'

/** Records of one writer that follow each other in one file. All that is kept of them. */
interface Run {
  readonly writer: string
  readonly file: string
  readonly first: number
  readonly firstLine: number
  readonly firstPrevious: string
  /** Whether the first record has the hash that stands in it. */
  readonly firstIntact: boolean
  /** Whether a later record of the writer stands before it in the file. */
  readonly backwards: boolean
  last: number
  lastLine: number
  lastHash: string
  lastIntact: boolean
}

/** More runs than this are no log of ours, and would cost more memory than a check is worth. */
const MOST_RUNS = 200_000

/**
 * Puts the chains together. Within a file records must follow each other; the runs of different files are joined at
 * the end by their sequence, so that files may be given in any order.
 */
export class ChainRuns {
  readonly #heads = new Map<string, Head[]>()
  readonly #report: (found: Break) => void
  readonly #runs = new Map<string, Run[]>()
  /** The run that each writer's next record in the current file may continue, and the highest sequence seen there. */
  #open = new Map<string, { run: Run; highest: number }>()
  #file: string | undefined
  #count = 0

  constructor(heads: readonly Head[], report: (found: Break) => void) {
    for (const head of heads) this.#heads.set(head.writer, [...(this.#heads.get(head.writer) ?? []), head])
    this.#report = report
  }

  /** Whether so much is broken that going on makes no sense. */
  get full(): boolean {
    return this.#count >= MOST_RUNS
  }

  /** @param place.intact whether the record has the hash that stands in it */
  add(
    record: DecisionRecord,
    place: { readonly file: string; readonly line: number; readonly intact: boolean },
  ): void {
    const { writer, sequence, previous, hash } = record
    const { file, line, intact } = place
    if (file !== this.#file) {
      this.#file = file
      this.#open = new Map()
    }
    this.#checkHeads(record, file, line)
    const open = this.#open.get(writer)
    if (open && sequence === open.run.last + 1) {
      const { run } = open
      if (previous !== run.lastHash && intact && run.lastIntact) this.#replaced(run)
      run.last = sequence
      run.lastLine = line
      run.lastHash = hash
      run.lastIntact = intact
      open.highest = Math.max(open.highest, sequence)
      return
    }
    // A changed record that fits nowhere: its writer and sequence are worth nothing, and its place shows as missing.
    if (open && !intact) return
    const run = {
      writer,
      file,
      first: sequence,
      firstLine: line,
      firstPrevious: previous,
      firstIntact: intact,
      backwards: open !== undefined && sequence < open.highest,
      last: sequence,
      lastLine: line,
      lastHash: hash,
      lastIntact: intact,
    }
    this.#open.set(writer, { run, highest: Math.max(open?.highest ?? 0, sequence) })
    this.#count++
    const runs = this.#runs.get(writer)
    if (runs) runs.push(run)
    else this.#runs.set(writer, [run])
  }

  /** Joins the runs of each writer, and reports where they do not fit. */
  finish(): void {
    for (const [writer, runs] of this.#runs) this.#join(writer, runs)
    for (const writer of this.#heads.keys())
      if (!this.#runs.has(writer))
        this.#report({
          kind: 'missing',
          file: '',
          line: 0,
          writer,
          sequence: 0,
          detail:
            'A head names this chain, and no record of it is there. If all its records have expired, drop the head.',
        })
  }

  /** Where each chain stands. */
  heads(): Head[] {
    return [...this.#runs].map(([writer, runs]) => {
      const { last, lastHash } = runs.reduce((highest, run) => (run.last > highest.last ? run : highest))
      return { writer, sequence: last, hash: lastHash }
    })
  }

  #join(writer: string, runs: Run[]): void {
    // Of two runs that begin alike, the one that stands out of order is the copy.
    runs.sort((a, b) => a.first - b.first || Number(a.backwards) - Number(b.backwards) || b.last - a.last)
    const heads = this.#heads.get(writer) ?? []
    const firstOfAll = runs[0]?.first ?? 0
    // Older files may be gone: what a head vouches for is where the chain may begin.
    const anchor = heads
      .filter(({ sequence }) => sequence < firstOfAll)
      .reduce<Head | undefined>(
        (best, head) => (best && best.sequence > head.sequence ? best : head),
        undefined,
      )
    let next = anchor ? anchor.sequence + 1 : 0
    let hash = anchor?.hash ?? FIRST_PREVIOUS
    let before: Run | undefined
    for (const run of runs) {
      const place = { file: run.file, line: run.firstLine, writer }
      if (run.first > next)
        this.#report({ ...place, kind: 'missing', sequence: next, detail: missing(next, run.first - 1) })
      else if (run.first < next)
        this.#report({
          ...place,
          kind: 'duplicate',
          sequence: run.first,
          detail: 'The chain has a record of this sequence already.',
        })
      else if (run.firstPrevious !== hash && run.firstIntact && (before?.lastIntact ?? true)) {
        if (before) this.#replaced(before)
        else
          this.#report({
            ...place,
            kind: 'edited',
            sequence: run.first,
            detail: 'The record does not follow what the chain begins with.',
          })
      }
      if (run.backwards && run.first >= next)
        this.#report({
          ...place,
          kind: 'reordered',
          sequence: run.first,
          detail: 'Later records of the chain stand before it.',
        })
      if (run.last < next) continue
      next = run.last + 1
      hash = run.lastHash
      before = run
    }
    for (const head of heads)
      if (head.sequence >= next)
        this.#report({
          kind: 'missing',
          file: before?.file ?? '',
          line: 0,
          writer,
          sequence: next,
          detail: `${missing(next, head.sequence)} A head names them: the chain was cut off at its end.`,
        })
  }

  #checkHeads({ writer, sequence, hash }: DecisionRecord, file: string, line: number): void {
    for (const head of this.#heads.get(writer) ?? [])
      if (head.sequence === sequence && head.hash !== hash)
        this.#report({
          kind: 'edited',
          file,
          line,
          writer,
          sequence,
          detail: 'The head kept of this record has another hash.',
        })
  }

  #replaced(run: Run): void {
    this.#report({
      kind: 'edited',
      file: run.file,
      line: run.lastLine,
      writer: run.writer,
      sequence: run.last,
      detail: 'The record after it names another hash: this record was replaced and given a new hash.',
    })
  }
}

function missing(from: number, to: number): string {
  return from === to ? `The record ${from} is not there.` : `The records ${from} to ${to} are not there.`
}
