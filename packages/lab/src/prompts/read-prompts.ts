import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { labError } from '../errors/codes.ts'
import type { PromptSet } from './prompt-set.ts'

/** The largest file that is read, in bytes. */
const MAX_FILE_BYTES = 256 * 1024 * 1024

/**
 * Reads requests from JSON lines, each an object with `text`. Blank lines are left out, and other fields are not read.
 * @throws `PARAPET_LAB_PROMPTS_UNREADABLE`, which names the line and never what stands in it
 */
export async function readPrompts(path: string, kind: 'harmful' | 'harmless'): Promise<PromptSet> {
  const unreadable = (problem: string, cause?: unknown) =>
    labError('PARAPET_LAB_PROMPTS_UNREADABLE', { kind, problem }, cause === undefined ? {} : { cause })
  let bytes: Buffer
  try {
    const { size } = await stat(path)
    if (size > MAX_FILE_BYTES) throw unreadable(`it has ${size} bytes, over ${MAX_FILE_BYTES}`)
    bytes = await readFile(path)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code?.startsWith('PARAPET_')) throw cause
    throw unreadable(`it cannot be read (${code ?? 'unreadable'})`, cause)
  }
  const texts: string[] = []
  for (const [index, line] of bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (line.trim() === '') continue
    const text = textOf(line)
    if (text === undefined) throw unreadable(`line ${index + 1} is no JSON object with a "text"`)
    texts.push(text)
  }
  return { texts, sha256: createHash('sha256').update(bytes).digest('hex') }
}

function textOf(line: string): string | undefined {
  try {
    const value: unknown = JSON.parse(line)
    const text = (value as { text?: unknown } | null)?.text
    return typeof text === 'string' && text.trim() !== '' ? text : undefined
  } catch {
    return undefined
  }
}
