const encoder = new TextEncoder()

/** An event as its bytes. JSON has no line breaks, so its data is one line. */
export function sseFrame(value: object, event?: string): Uint8Array {
  const name = event === undefined ? '' : `event: ${event}\n`
  return encoder.encode(`${name}data: ${JSON.stringify(value)}\n\n`)
}
