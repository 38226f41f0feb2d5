import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const FOLDER = new URL('./peers/', import.meta.url)

function read(path: string): unknown {
  try {
    return JSON.parse(readFileSync(new URL(path, FOLDER), 'utf8'))
  } catch {
    return undefined
  }
}

function areInstalled(): boolean {
  const wanted = read('package.json') as { readonly dependencies: Readonly<Record<string, string>> }
  const found = read('node_modules/.package-lock.json') as
    | { readonly packages: Readonly<Record<string, { readonly version?: string }>> }
    | undefined
  return Object.entries(wanted.dependencies).every(
    ([name, version]) => found?.packages[`node_modules/${name}`]?.version === version,
  )
}

/** Installs the peers apart from our own packages, where they are not there yet: about 360 MB. */
export function installPeers(): void {
  if (areInstalled()) return
  console.error('conformance: installing the peers (npm ci in conformance/peers, about 360 MB) …')
  execFileSync('npm', ['ci'], { cwd: FOLDER, stdio: 'ignore', shell: process.platform === 'win32' })
}
