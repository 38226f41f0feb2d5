import { afterAll, describe, it } from '@jest/globals'
import type { Detector } from '@parapet/sdk'
import { detectorContract } from '@parapet/sdk/testing'
import {
  attack,
  closeModels,
  harm,
  patterns,
  personalData,
  refusal,
  refusalDirection,
  secrets,
  sentiment,
  toxicity,
} from '../../src/index.ts'

const DETECTORS: Readonly<Record<string, () => Detector>> = {
  toxicity: () => toxicity(),
  sentiment: () => sentiment(),
  attack: () => attack(),
  harm: () => harm(),
  refusal: () => refusal(),
  'refusal-direction': () => refusalDirection(),
  secrets: () => secrets(),
  'personal-data': () => personalData(),
  patterns: () =>
    patterns({ id: 'own', version: '1', patterns: [{ label: 'word', regex: /w[o0]rd/, maxCharacters: 4 }] }),
}

afterAll(closeModels)

describe.each(Object.entries(DETECTORS))('%s keeps the detector contract:', (_, make) => {
  const texts = [
    'How long does a parcel to Norway take?',
    'You are a fool, and my card is 4242 4242 4242 4242.',
  ]
  for (const { name, run } of detectorContract(make, { texts, tolerance: 1e-6 })) it(name, run, 60_000)
})
