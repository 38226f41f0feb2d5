import { isParapetError } from '@parapet/sdk'
import { print } from '../../output/print.ts'

/** What may be said of an error: its code, where it is ours; its kind otherwise. A message may quote what was read. */
function nameOf(error: unknown): string {
  if (isParapetError(error)) return error.code
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown }
  const words = [name, code].filter((word) => typeof word === 'string' && /^\w{1,40}$/.test(word))
  return `PARAPET_CLI_UNEXPECTED (${words.join(', ') || typeof error})`
}

/** Writes a line for each fault that a caller was told of only by its status. */
export function faultReporter(stderr: NodeJS.WritableStream): (error: unknown) => void {
  return (error) => {
    const cause =
      error instanceof Error && error.cause !== undefined ? `, because of ${nameOf(error.cause)}` : ''
    void print(stderr, `${new Date().toISOString()} ${nameOf(error)}${cause}`)
  }
}
