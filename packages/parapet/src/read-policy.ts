import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isParapetError, type Policy, parsePolicy } from '@parapet/sdk'
import { cliError } from './errors/codes.ts'
import { detectorRegistry } from './registry.ts'

function isPolicy(value: unknown): value is Policy {
  return typeof value === 'object' && value !== null && 'policyHash' in value && 'document' in value
}

/**
 * Reads a policy: JSON, or a module (`.js`, `.mjs`, `.ts`) whose default export is what `definePolicy` gave. A module
 * is code, and runs.
 * @throws PARAPET_CLI_POLICY_UNREADABLE, PARAPET_POLICY_INVALID
 */
export async function readPolicy(path: string): Promise<Policy> {
  const unreadable = (problem: string, cause?: unknown) =>
    cliError('PARAPET_CLI_POLICY_UNREADABLE', { path, problem }, { cause })
  if (/\.[mc]?[jt]s$/.test(path)) {
    const module: { default?: unknown } = await import(pathToFileURL(resolve(path)).href).catch(
      (cause: unknown) => {
        if (isParapetError(cause)) throw cause
        throw unreadable('the module cannot be loaded', cause)
      },
    )
    if (!isPolicy(module.default)) throw unreadable('its default export is no policy')
    return module.default
  }
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(`it cannot be read (${cause.code ?? 'unknown'})`, cause)
  })
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (cause) {
    throw unreadable('it is not JSON', cause)
  }
  return parsePolicy(document, detectorRegistry(document))
}
