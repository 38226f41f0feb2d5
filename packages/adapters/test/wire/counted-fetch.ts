/** What a client's own `fetch` saw of its provider. */
export interface FetchLog {
  /** Pieces of bodies that were read. */
  readonly delivered: number
  /** Whether a call was aborted, or its body cancelled. */
  readonly aborted: boolean
}

/** A `fetch` that a client may be given: it counts what is read of an answer, and reads only when it is read. */
export function countedFetch(): { readonly fetch: typeof globalThis.fetch; readonly log: FetchLog } {
  let delivered = 0
  let aborted = false
  const abort = () => {
    aborted = true
  }

  function counted(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader()
    return new ReadableStream(
      {
        async pull(controller) {
          const { done, value } = await reader.read()
          if (done) return controller.close()
          delivered++
          controller.enqueue(value)
        },
        cancel(reason) {
          abort()
          return reader.cancel(reason)
        },
      },
      { highWaterMark: 0 },
    )
  }

  return {
    async fetch(input, init) {
      init?.signal?.addEventListener('abort', abort)
      const response = await globalThis.fetch(input, init)
      const { body, status, headers } = response
      return body ? new Response(counted(body), { status, headers }) : response
    },
    log: {
      get delivered() {
        return delivered
      },
      get aborted() {
        return aborted
      },
    },
  }
}
