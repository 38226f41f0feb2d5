import { openModelFolder, resolveModelPackage, verifyFile } from '@parapet/runtime'
import { isParapetError } from '@parapet/sdk'
import type { Finding } from './finding.ts'

/** Says which weights a package has, how large they are, and whether each file has its digest. */
export async function checkWeights(name: string): Promise<Finding> {
  try {
    const folder = await openModelFolder(resolveModelPackage(name))
    const { files, version } = folder.manifest
    for (const file of Object.keys(files)) await verifyFile(folder, file)
    const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0)
    const detail = `${version}, ${(bytes / 1e6).toFixed(0)} MB, ${Object.keys(files).length} digests match`
    return { what: name, state: 'ok', detail }
  } catch (error) {
    if (!isParapetError(error)) throw error
    const { code, message } = error
    if (code === 'PARAPET_MODEL_NOT_INSTALLED')
      return { what: name, state: 'missing', detail: 'not installed', mend: `npm install ${name}` }
    return { what: name, state: 'broken', detail: `${code}: ${message}`, mend: 'npm ci' }
  }
}
