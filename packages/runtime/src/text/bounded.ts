import vm from 'node:vm'

const script = new vm.Script('run()')
/** A machine that is busy with other things may keep us waiting so many times longer. */
const LONGEST_WAIT = 16
const LONGER = 4

/**
 * Runs synchronous work that is stopped, wherever it is, when its time is over. The clock goes on while the processor is
 * with others: work that had less than half of its time is done anew, with a longer wait. It must have no effect besides
 * its result.
 * @throws `late` when its time is over, `otherwise` when it throws
 */
export function bounded<Result>(
  work: () => Result,
  { timeoutMs, late }: { timeoutMs: number; late: () => Error },
  otherwise: () => Error,
): Result {
  let result: { value: Result } | undefined
  const context = vm.createContext({
    run: () => {
      result = { value: work() }
    },
  })
  for (let waitMs = timeoutMs; ; waitMs *= LONGER) {
    const before = process.cpuUsage()
    try {
      script.runInContext(context, { timeout: waitMs })
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw otherwise()
      const { user, system } = process.cpuUsage(before)
      const usedMs = (user + system) / 1000
      if (usedMs >= timeoutMs / 2 || waitMs * LONGER > timeoutMs * LONGEST_WAIT) throw late()
      continue
    }
    if (result === undefined) throw otherwise()
    return result.value
  }
}
