import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cliError } from './errors/codes.ts'

/**
 * The files of a log: each path as it is, and for a folder the `.jsonl` files in it, by name.
 * @throws PARAPET_CLI_INPUT_MISSING for a folder without any
 */
export async function recordFiles(paths: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(paths.map(filesOf))
  return lists.flat()
}

async function filesOf(path: string): Promise<string[]> {
  // What is no folder is left to whoever reads it: the error then says why.
  const names = await readdir(path).catch(() => undefined)
  if (names === undefined) return [path]
  const files = names.filter((name) => name.endsWith('.jsonl')).sort()
  if (files.length > 0) return files.map((name) => join(path, name))
  throw cliError('PARAPET_CLI_INPUT_MISSING', { path, fault: 'a folder without .jsonl files' })
}
