import type { DetailsOf } from '../../errors/catalogue.ts'
import { type QUEUE_ERRORS, type QueueErrorCode, queueError } from '../errors.ts'

/** A fault as plain data: it crosses threads, and becomes a `ParapetError` at the queue. */
export interface Fault {
  readonly code: QueueErrorCode
  readonly details: Readonly<Record<string, unknown>>
}

/** Carries a fault out of a transaction, which it ends. */
export class QueueFault extends Error {
  readonly fault: Fault

  constructor(fault: Fault) {
    super(fault.code)
    this.fault = fault
  }
}

/** Builds a fault: `queueFault('PARAPET_QUEUE_…', details)`. */
export function queueFault<Code extends QueueErrorCode>(
  code: Code,
  details: DetailsOf<(typeof QUEUE_ERRORS)[Code]>,
): QueueFault {
  return new QueueFault({ code, details: details as unknown as Fault['details'] })
}

/** The error for callers of what a store threw: a fault becomes the error it stands for, anything else stays. */
export function fromFault(error: unknown): unknown {
  if (!(error instanceof QueueFault)) return error
  // The details were made for this code where the fault arose; over a thread's boundary the pair loses its type.
  const build = queueError as (code: QueueErrorCode, details: unknown) => Error
  return build(error.fault.code, error.fault.details)
}
