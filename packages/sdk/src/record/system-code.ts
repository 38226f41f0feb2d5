/** The system's code of an error (`ENOSPC`, …), or `unknown`. */
export function systemCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : 'unknown'
}
