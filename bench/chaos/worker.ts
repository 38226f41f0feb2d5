import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** So long may a process do nothing before the run is given up: far more than any stall lasts, also on a busy machine. */
const PATIENCE_MS = 180_000

/** A script of this folder, as a process of its own. */
export class Worker {
  readonly #child: ChildProcess
  #output = ''
  #errors = ''
  #killed = false

  constructor(script: `${string}-process.ts`, args: readonly string[]) {
    const path = join(import.meta.dirname, script)
    this.#child = spawn(
      process.execPath,
      [...process.execArgv, '--disable-warning=ExperimentalWarning', path, ...args],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
  }

  /** What it was told, whole lines alone. */
  get lines(): readonly string[] {
    return this.#output.split('\n').slice(0, -1)
  }

  /** Waits until it has printed so many lines more, as long as it lives, and so do those that it needs. */
  async does(count: number, needed: readonly Worker[] = []): Promise<void> {
    const wanted = this.lines.length + count
    const giveUpAt = performance.now() + PATIENCE_MS
    while (this.lines.length < wanted) {
      for (const worker of [this, ...needed]) worker.requireAlive()
      if (performance.now() > giveUpAt)
        throw new Error(`a process came to a stop after ${this.lines.length} lines`)
      await sleep(2)
    }
  }

  /** Kills it, wherever it is (SIGKILL), and waits until it is gone. Gives whether that is what ended it. */
  async kill(): Promise<boolean> {
    this.requireAlive()
    this.#killed = true
    const gone = new Promise((resolve) => this.#child.once('close', resolve))
    this.#child.kill('SIGKILL')
    await gone
    return this.#child.signalCode === 'SIGKILL'
  }

  /** One that ends by itself met something that it should have survived. */
  requireAlive(): void {
    const { exitCode, signalCode } = this.#child
    if (!this.#killed && (exitCode !== null || signalCode !== null)) {
      throw new Error(`a process ended by itself (${exitCode ?? signalCode}):\n${this.#errors}`)
    }
  }
}
