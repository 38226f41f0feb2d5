import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fault } from '../errors/codes.ts'

/**
 * Finds the folder of an installed weights package, such as `@parapet/model-sentinel`.
 * It is looked for from `from` (a file's path or URL), else from the working directory, then from this package.
 * @throws `PARAPET_MODEL_NOT_INSTALLED` with the install line
 */
export function resolveModelPackage(name: string, from?: string | URL): string {
  const starts = from === undefined ? [join(process.cwd(), 'package.json'), import.meta.url] : [from]
  let cause: unknown
  for (const start of starts) {
    try {
      return dirname(createRequire(start).resolve(`${name}/package.json`))
    } catch (error) {
      cause = error
    }
  }
  throw fault('PARAPET_MODEL_NOT_INSTALLED', { name }, { cause })
}
