import { fault } from '../errors/codes.ts'
import type { DecoderManifest } from '../model/manifest.ts'
import type { TokenReading } from '../model/token-reading.ts'

/** @throws `PARAPET_RUNTIME_REQUEST_INVALID` */
export function checkTokenReadings(
  readings: readonly TokenReading[],
  answer: unknown,
  { hidden }: DecoderManifest,
): void {
  const refuse = (field: string, received: string, expected: string) =>
    fault('PARAPET_RUNTIME_REQUEST_INVALID', { field, received, expected })
  if (!Array.isArray(readings) || readings.length === 0) {
    throw refuse('readings', 'none', 'one or more')
  }
  for (const { weight, bias, dropDimensions = [] } of readings) {
    if (!(weight instanceof Float32Array) || weight.length !== hidden) {
      const received = weight instanceof Float32Array ? `${weight.length} numbers` : 'not float32'
      throw refuse('readings.weight', received, `float32[${hidden}]`)
    }
    if (!weight.every(Number.isFinite) || !Number.isFinite(bias)) {
      throw refuse('readings.weight', 'not finite', 'finite numbers')
    }
    const outside = dropDimensions.find((at: number) => !Number.isInteger(at) || at < 0 || at >= hidden)
    if (outside !== undefined) {
      throw refuse('readings.dropDimensions', String(outside), `whole numbers from 0 to ${hidden - 1}`)
    }
  }
  if (answer !== undefined && typeof answer !== 'string') throw refuse('answer', typeof answer, 'a string')
}
