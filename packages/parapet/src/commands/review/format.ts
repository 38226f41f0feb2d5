import { usage } from '../../command.ts'
import type { Call } from './call.ts'

/** `csv` or `jsonl`: as asked for, else by the file's name. @throws PARAPET_CLI_USAGE */
export function formatOf({ values }: Call, path: string | undefined): 'csv' | 'jsonl' {
  const format = values.format ?? (path?.endsWith('.csv') ? 'csv' : 'jsonl')
  if (format !== 'csv' && format !== 'jsonl') throw usage('review', '--format is csv or jsonl.')
  return format
}
