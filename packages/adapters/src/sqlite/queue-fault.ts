import type { QueueErrorCode } from '@parapet/sdk'

/** A fault on its way out of the worker, which loads nothing of the SDK: the other side makes it a `ParapetError`. */
export interface Fault {
  readonly code: QueueErrorCode
  readonly details: Readonly<Record<string, unknown>>
}

/** Carries a fault through the code that runs beside the database. */
export class QueueFault extends Error {
  readonly fault: Fault

  constructor(code: QueueErrorCode, details: Readonly<Record<string, unknown>>) {
    super(code)
    this.fault = { code, details }
  }
}
