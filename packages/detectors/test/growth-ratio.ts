/** Times work in processor time, so that other processes on the machine do not count. */
async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

/** Less than that is noise. */
const NOISE_MS = 5
const ATTEMPTS = 10

/**
 * How many times the cost of eight times the input is that of the input: about 8 when it is linear, about 64 when it
 * is the square. The best of a few attempts, since a pause of the collector says nothing about growth.
 */
export async function growthRatio(work: (length: number) => unknown, length: number): Promise<number> {
  await work(length)
  const ratios: number[] = []
  while (ratios.length < ATTEMPTS && !ratios.some((ratio) => ratio < 16)) {
    const small = Math.max(NOISE_MS, await cpuMs(() => work(length)))
    ratios.push((await cpuMs(() => work(length * 8))) / small)
  }
  return Math.min(...ratios)
}
