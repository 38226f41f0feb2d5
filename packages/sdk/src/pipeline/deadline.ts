/**
 * The result of `work`, or undefined after `timeoutMs`. Work that goes on after its deadline is left to itself:
 * its late failure is swallowed, since its answer is no longer waited for.
 */
export async function withDeadline<Result>(
  work: Promise<Result>,
  timeoutMs: number,
): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined
  work.catch(() => undefined)
  const deadline = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}
