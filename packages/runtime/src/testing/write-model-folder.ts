import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MANIFEST_SCHEMA } from '../model/manifest.ts'

/** Writes a model folder: the files, and a manifest with their digests. */
export async function writeModelFolder(
  directory: string,
  files: Readonly<Record<string, Uint8Array | object>>,
  manifest: Readonly<Record<string, unknown>>,
): Promise<void> {
  await mkdir(directory, { recursive: true })
  const listed: Record<string, { sha256: string; bytes: number }> = {}
  for (const [name, content] of Object.entries(files)) {
    const bytes = content instanceof Uint8Array ? content : new TextEncoder().encode(JSON.stringify(content))
    await writeFile(join(directory, name), bytes)
    listed[name] = { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length }
  }
  const whole = {
    schema: MANIFEST_SCHEMA,
    version: '0.0.1',
    licence: 'Apache-2.0',
    files: listed,
    ...manifest,
  }
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(whole, null, 2))
}
