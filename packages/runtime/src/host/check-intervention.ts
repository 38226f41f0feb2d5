import { fault } from '../errors/codes.ts'
import type { AddVector, EraseDirection, Intervention } from '../graph/intervention.ts'
import type { DecoderManifest } from '../model/manifest.ts'

/** How far from 1 the length of a direction may be: the rounding of a file's float32, or even float16, numbers. */
const UNIT_TOLERANCE = 1e-3
const SPARES: readonly unknown[] = ['sinks', 'first', 'none', undefined]

/** Checks an intervention before it crosses to the host. @throws `PARAPET_RUNTIME_REQUEST_INVALID` */
export function checkIntervention(intervention: Intervention | undefined, manifest: DecoderManifest): void {
  if (intervention === undefined) return
  checkKeys('intervention', intervention, ['erase', 'add', 'spare'])
  if (intervention.erase !== undefined) checkErase(intervention.erase, manifest)
  if (intervention.add !== undefined) checkAdd(intervention.add, manifest)
  if (!SPARES.includes(intervention.spare)) {
    throw invalid('intervention.spare', 'something else', "'sinks', 'first' or 'none'")
  }
}

function checkErase(erase: EraseDirection, { hidden }: DecoderManifest): void {
  const at = 'intervention.erase'
  checkKeys(at, erase, ['direction', 'strength', 'offset'])
  const { direction, strength = 1, offset = 0 } = erase
  checkVector(`${at}.direction`, direction, hidden)
  const norm = Math.hypot(...direction)
  if (Math.abs(norm - 1) > UNIT_TOLERANCE) {
    throw invalid(
      `${at}.direction`,
      `of length ${norm.toPrecision(4)}`,
      'a unit vector: divide it by its length',
    )
  }
  if (!(strength >= 0 && strength <= 1))
    throw invalid(`${at}.strength`, String(strength), 'a number from 0 to 1')
  if (!Number.isFinite(offset)) throw invalid(`${at}.offset`, String(offset), 'a finite number')
}

function checkAdd(add: AddVector, { hidden, layers }: DecoderManifest): void {
  const at = 'intervention.add'
  checkKeys(at, add, ['vector', 'block', 'strength'])
  const { vector, block, strength = 1 } = add
  checkVector(`${at}.vector`, vector, hidden)
  if (vector.every((value) => value === 0))
    throw invalid(`${at}.vector`, 'of length 0', 'a vector that is not 0: adding nothing changes nothing')
  if (!Number.isInteger(block) || block < 0 || block >= layers) {
    throw invalid(`${at}.block`, String(block), `a whole number from 0 to ${layers - 1}`)
  }
  if (!Number.isFinite(strength)) throw invalid(`${at}.strength`, String(strength), 'a finite number')
}

function checkVector(field: string, vector: unknown, hidden: number): void {
  const expected = `a Float32Array of ${hidden} finite numbers, the model's width`
  if (!(vector instanceof Float32Array)) throw invalid(field, 'of another type', expected)
  if (vector.length !== hidden) throw invalid(field, `of ${vector.length} numbers`, expected)
  if (!vector.every(Number.isFinite)) throw invalid(field, 'not finite', expected)
}

/** A misspelt key would change nothing in silence. */
function checkKeys(field: string, value: object, known: readonly string[]): void {
  if (typeof value !== 'object' || value === null) throw invalid(field, `a ${typeof value}`, 'an object')
  const unknown = Object.keys(value).find((key) => !known.includes(key))
  if (unknown !== undefined) throw invalid(field, `with a key that is not known`, known.join(', '))
}

function invalid(field: string, received: string, expected: string): Error {
  return fault('PARAPET_RUNTIME_REQUEST_INVALID', { field, received, expected })
}
