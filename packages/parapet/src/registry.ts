import { personalData, refusalDirection, secrets, sentiment, toxicity } from '@parapet/detectors'
import type { Detector, DetectorRegistry, JsonObject } from '@parapet/sdk'

/** Makes every detector of Parapet by its id, for policies in JSON and for the command. */
export function detectorRegistry(): DetectorRegistry {
  const make =
    <Options>(maker: (options?: Options) => Detector) =>
    (options: JsonObject): Detector =>
      maker(options as Options)
  return {
    'refusal-direction': make(refusalDirection),
    toxicity: make(toxicity),
    sentiment: make(sentiment),
    secrets: make(secrets),
    'personal-data': make(personalData),
  }
}
