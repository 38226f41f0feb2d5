import { spawn, spawnSync } from 'node:child_process'

/** The Python that live tests may use: it has what they need, or they are skipped. Nothing is installed. */
const PYTHON = process.env['PARAPET_TEST_PYTHON']

/** Whether that Python has a package. */
export function pythonHas(name: string): boolean {
  if (PYTHON === undefined) return false
  const find = `import importlib.util, sys; sys.exit(importlib.util.find_spec(${JSON.stringify(name)}) is None)`
  return spawnSync(PYTHON, ['-c', find]).status === 0
}

/** Starts a program in that Python. */
export function startPython(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
) {
  return spawn(PYTHON ?? 'python3', ['-c', program, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Runs a program in that Python to its end, and gives what it printed. */
export async function runPython(program: string, args: readonly string[]): Promise<string> {
  const child = startPython(program, args)
  const [stdout, stderr, status] = await Promise.all([
    child.stdout.toArray(),
    child.stderr.toArray(),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ])
  if (status !== 0) throw new Error(Buffer.concat(stderr).toString())
  return Buffer.concat(stdout).toString()
}
