import { tellableError } from './error-response.ts'

/** A stream of events whose failure is its last event, in the form that OpenAI's clients raise an error from. */
export function toldStream(response: Response, onFault: (error: unknown) => void): Response {
  if (!response.body) return response
  const reader = response.body.getReader()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          const { status, body: told } = tellableError(error)
          if (status >= 500) onFault(error)
          const data = JSON.stringify({ type: 'error', ...told })
          controller.enqueue(new TextEncoder().encode(`event: error\ndata: ${data}\n\n`))
          controller.close()
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  return new Response(body, response)
}
