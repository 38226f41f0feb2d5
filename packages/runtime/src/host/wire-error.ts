import { fault } from '../errors/codes.ts'
import { isRuntimeError, RuntimeError } from '../errors/runtime-error.ts'
import type { WireError } from './protocol.ts'

/** An error as it crosses the processes. What is no error of ours becomes `PARAPET_RUNTIME_RUN_FAILED`. */
export function toWireError(error: unknown, model: string): WireError {
  const known = isRuntimeError(error)
    ? error
    : fault('PARAPET_RUNTIME_RUN_FAILED', { model }, { cause: error })
  const { code, message, retryable, cause } = known
  return { code, message, retryable, cause: cause instanceof Error ? cause.message : undefined }
}

export function fromWireError({ code, message, retryable, cause }: WireError): RuntimeError {
  return new RuntimeError(
    code,
    message,
    cause === undefined ? { retryable } : { retryable, cause: new Error(cause) },
  )
}
