import { RUNTIME_ERRORS, RuntimeError } from '@parapet/runtime'
import { z } from 'zod'
import type { Aggregation } from './aggregate-windows.ts'

const AGGREGATIONS = ['maximum', 'mean-of-logits'] as const satisfies readonly Aggregation[]

const written = z.object({
  outputs: z.record(z.string(), z.object({ aggregate: z.enum(AGGREGATIONS).optional() })),
})

/**
 * How a manifest says that the windows of an output are joined, or the detector's own way where it says nothing.
 * @param manifest as it was written
 * @throws `PARAPET_MODEL_MANIFEST_INVALID`
 */
export function aggregationOf(
  manifest: unknown,
  { output, aggregation }: { readonly output: string; readonly aggregation: Aggregation },
): Aggregation {
  const parsed = written.safeParse(manifest)
  if (parsed.success) return parsed.data.outputs[output]?.aggregate ?? aggregation
  const [issue] = parsed.error.issues
  const details = { path: issue?.path.join('.') ?? '', problem: issue?.message ?? 'it has another form' }
  throw new RuntimeError(
    'PARAPET_MODEL_MANIFEST_INVALID',
    RUNTIME_ERRORS.PARAPET_MODEL_MANIFEST_INVALID.message(details),
  )
}
