import { createRequire } from 'node:module'
import type { Finding } from './finding.ts'

const LEAST_NODE = [22, 13] as const
/** Measured with every model loaded in one host. */
const USED_BYTES = 350e6

export function checkNode(): Finding {
  const { node } = process.versions
  const [major = 0, minor = 0] = node.split('.').map(Number)
  const enough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])
  if (enough) return { what: 'node', state: 'ok', detail: node }
  return {
    what: 'node',
    state: 'broken',
    detail: `${node}; ${LEAST_NODE.join('.')} or later is needed`,
    mend: 'nvm install 24',
  }
}

/** A library of others: what it is for decides whether it is missing or merely absent. */
export function checkLibrary(name: string, purpose: string, needed: boolean): Finding {
  try {
    const { version } = createRequire(import.meta.url)(`${name}/package.json`) as { version: string }
    return { what: name, state: 'ok', detail: `${version}: ${purpose}` }
  } catch {
    const detail = `not installed: ${purpose}`
    return { what: name, state: needed ? 'missing' : 'absent', detail, mend: `npm install ${name}` }
  }
}

/** What the system can still give, which is more than what lies unused. */
export function checkMemory(): Finding {
  const free = process.availableMemory()
  const detail = `${(free / 1e6).toFixed(0)} MB to be had; every model in one host takes ${USED_BYTES / 1e6}`
  if (free > USED_BYTES) return { what: 'memory', state: 'ok', detail }
  return { what: 'memory', state: 'slow', detail, mend: 'Free memory, or ask fewer detectors of models.' }
}
