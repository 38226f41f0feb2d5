/** A provider's stream, frame by frame, which ends as it should or says nothing more. */
export function streamResponse(
  frames: readonly Uint8Array[],
  {
    stall = false,
    headers = {},
  }: { readonly stall?: boolean; readonly headers?: Readonly<Record<string, string>> },
): Response {
  let next = 0
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const frame = frames[next++]
        if (frame) return controller.enqueue(frame)
        if (stall) return new Promise<void>(() => {})
        controller.close()
        return undefined
      },
    },
    { highWaterMark: 0 },
  )
  // A body without a length would end, for undici, where its aborted connection does, which it then says is impossible.
  const length = frames.reduce((sum, { byteLength }) => sum + byteLength, stall ? 1 : 0)
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream', 'content-length': String(length), ...headers },
  })
}
