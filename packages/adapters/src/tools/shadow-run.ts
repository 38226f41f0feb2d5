import { jsonText } from '../tool-call/json-text.ts'
import { errorText, type GuardedRunInput, isAsyncIterable, type Run, sceneOf } from './guarded-run.ts'

/**
 * Runs a tool as if nobody guarded it, and judges its arguments, results and errors beside it. A fault of the guard's
 * own work goes to the listener, and the tool's value is what it gives.
 */
export function shadowRun(run: Run, { toolName, tools, options }: GuardedRunInput): Run {
  async function watch(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      try {
        options.onShadowFault(error)
      } catch {
        // Whoever listens may fail too.
      }
    }
  }

  return (input, given) => {
    const scene = () => sceneOf(options, given)
    const see = (read: () => { readonly text: string; readonly json: boolean }) =>
      watch(async () => tools.result(toolName, [read()], scene()))
    const seeValue = (value: unknown) =>
      value === undefined
        ? undefined
        : see(() =>
            typeof value === 'string'
              ? { text: value, json: false }
              : { text: jsonText(value, 'toolResult'), json: true },
          )
    const seeError = (error: unknown) => see(() => errorText(error))

    async function* watched(values: AsyncIterable<unknown>) {
      try {
        for await (const value of values) {
          void seeValue(value)
          yield value
        }
      } catch (error) {
        void seeError(error)
        throw error
      }
    }

    void watch(async () => tools.call(toolName, input, scene()))
    const result = run(input, given)
    if (isAsyncIterable(result)) return watched(result)
    void Promise.resolve(result).then(seeValue, seeError)
    return result
  }
}
