import { fault } from '../errors/codes.ts'
import type { ResolvedModelOptions } from './model-options.ts'

/** What weights were calibrated for, as their calibration or direction file says. */
export interface WeightsCoverage {
  readonly languages: readonly string[]
  readonly maxTokens: number
}

/**
 * The token limit that holds; a detector must not claim more than its weights were calibrated for.
 * @throws `PARAPET_DETECTOR_COVERAGE_EXCEEDED`
 */
export function checkCoverage(
  detector: string,
  options: Pick<ResolvedModelOptions, 'maxTokens' | 'languages'>,
  model: string,
  coverage: WeightsCoverage,
): number {
  const { maxTokens = coverage.maxTokens, languages } = options
  if (maxTokens > coverage.maxTokens) {
    throw fault('PARAPET_DETECTOR_COVERAGE_EXCEEDED', {
      detector,
      option: 'maxTokens',
      received: String(maxTokens),
      model,
      covered: `up to ${coverage.maxTokens} tokens`,
    })
  }
  if (!languages.every((language) => coverage.languages.includes(language))) {
    throw fault('PARAPET_DETECTOR_COVERAGE_EXCEEDED', {
      detector,
      option: 'languages',
      received: languages.join(', '),
      model,
      covered: coverage.languages.join(', '),
    })
  }
  return maxTokens
}
