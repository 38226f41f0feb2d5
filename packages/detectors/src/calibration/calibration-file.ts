import { z } from 'zod'
import { fault } from '../errors/codes.ts'

/** The form of a weights package's `calibration.json`, documented in `docs/calibration-file.md`. */
export const CALIBRATION_SCHEMA = 'parapet.calibration/1'

const finite = z.number()
const share = z.number().min(0).max(1)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

const map = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('platt'), a: finite, b: finite }),
  z.object({ kind: z.literal('temperature'), t: finite.positive() }),
  z.object({ kind: z.literal('none') }),
])

/** `tail` is checked to be descending: thresholds are read off it by place. */
const benign = z
  .object({ n: z.int().positive(), tail: z.array(share).min(1) })
  .refine(({ n, tail }) => tail.length <= n, 'the tail has more scores than there were texts')
  .refine(
    ({ tail }) => tail.every((score, i) => score <= (tail[i - 1] ?? 1)),
    'the tail is not in descending order',
  )

const shipped = z.object({ falsePositiveRate: z.number().gt(0).lt(1), threshold: share })

const detector = z
  .object({
    version: z.string().min(1),
    labels: z.record(z.string(), z.object({ map, benign })),
    coverage: z.object({
      languages: z.array(z.string().min(2)).min(1),
      maxTokens: z.int().positive(),
      minCharacters: z.int().nonnegative().default(0),
    }),
    shipped: z.record(z.string(), shipped),
  })
  .refine(({ labels, shipped }) => Object.keys(labels).every((label) => Object.hasOwn(shipped, label)), {
    error: 'a label has no shipped threshold',
    path: ['shipped'],
  })

const calibrationFile = z.object({
  schema: z.literal(CALIBRATION_SCHEMA),
  /** Digest of the `model.onnx` whose scores these are. */
  modelSha256: sha256,
  detectors: z.record(z.string(), detector),
})

export type CalibrationFile = z.infer<typeof calibrationFile>

/** What the file says of one detector. */
export type DetectorCalibration = z.infer<typeof detector>

/**
 * Reads a calibration file.
 * @param model id of the weights, for the error
 * @throws `PARAPET_DETECTOR_CALIBRATION_INVALID`
 */
export function parseCalibrationFile(bytes: Uint8Array, model: string): CalibrationFile {
  const invalid = (path: string, problem: string) =>
    fault('PARAPET_DETECTOR_CALIBRATION_INVALID', { model, path, problem })
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw invalid('', 'it is not JSON in UTF-8')
  }
  const parsed = calibrationFile.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw invalid(issue?.path.join('.') ?? '', issue?.message ?? 'it has another form')
}
