import { expect, test } from '@jest/globals'
import { directionFile, directionMetadata, safetensorsOf } from '../../test/builders/direction-builder.ts'
import { parseDirectionFile } from './direction-file.ts'

const valid = directionMetadata() as {
  readings: { harmfulness: object; refusal: object }
  model: object
}

test('a valid file gives the direction and both readings, a row for each place', () => {
  const file = parseDirectionFile(directionFile(), 'tiny')

  expect([...file.direction]).toEqual([1, 0, 0])
  expect(file.readings.refusal.weights.map((row) => [...row])).toEqual([
    [1, 0, 0],
    [0, 1, 0],
  ])
  expect(file.readings.harmfulness).toMatchObject({
    scale: 2,
    bias: -1,
    dropDimensions: [2],
    normalise: 'l2',
  })
})

const reading = (overrides: object) => ({
  readings: { ...valid.readings, harmfulness: { ...valid.readings.harmfulness, ...overrides } },
})
const place = (site: string) => ({ site, position: 'last' })
const broken: [string, Uint8Array, string][] = [
  ['no safetensors at all', Buffer.from('PK'), 'shorter than its first field'],
  ['no metadata of ours', safetensorsOf({}), 'no entry "parapet"'],
  ['metadata that is no JSON', safetensorsOf({}, { parapet: '{' }), 'not JSON'],
  ['another schema', directionFile({ metadata: directionMetadata({ schema: 'x' }) }), '"schema"'],
  [
    'a site spelled otherwise',
    directionFile({ metadata: directionMetadata(reading({ sites: [place('layer 1')] })) }),
    'expected blocks.L.hook_resid_pre',
  ],
  [
    'a block that the model does not have',
    directionFile({ metadata: directionMetadata(reading({ sites: [place('blocks.4.hook_resid_pre')] })) }),
    'a model with 4 layers',
  ],
  [
    'a dropped dimension that the model does not have',
    directionFile({
      metadata: directionMetadata(reading({ transform: { dropDimensions: [3], normalise: 'l2' } })),
    }),
    'drops a dimension',
  ],
  [
    'a weight of another shape',
    directionFile({ tensors: { 'harmfulness.weight': { shape: [3], values: [1, 2, 3] } } }),
    'has the shape [3], expected [1,3]',
  ],
  [
    'a standardisation without its tensors',
    directionFile({
      metadata: directionMetadata(reading({ transform: { dropDimensions: [], normalise: 'standardise' } })),
    }),
    '"harmfulness.scale" is missing',
  ],
  [
    'a standardisation by 0',
    directionFile({
      metadata: directionMetadata(reading({ transform: { dropDimensions: [], normalise: 'standardise' } })),
      tensors: { 'harmfulness.scale': { shape: [1, 3], values: [1, 0, 1] } },
    }),
    'not above 0',
  ],
]

const tokens = {
  site: 'blocks.1.hook_resid_pre',
  transform: { dropDimensions: [2], normalise: 'l2' },
  windowTokens: 16,
  scale: 1,
  bias: 0,
}
const withTokens = (overrides: object = {}) => ({
  metadata: directionMetadata({ tokens: { ...tokens, ...overrides } }),
  tensors: { 'tokens.weight': { shape: [3], values: [1, 2, 3] } },
})
broken.push(
  [
    'a reading of tokens without its tensor',
    directionFile({ ...withTokens(), tensors: {} }),
    '"tokens.weight" is missing',
  ],
  ['a window of no tokens', directionFile(withTokens({ windowTokens: 0 })), 'tokens.windowTokens'],
  [
    'a reading of tokens in a block that the model does not have',
    directionFile(withTokens({ site: 'blocks.9.hook_resid_pre' })),
    'a model with 4 layers',
  ],
  [
    'lengths that do not rise',
    directionFile({
      metadata: directionMetadata({
        byLength: [
          { upToTokens: 96, scale: 1, bias: 0 },
          { upToTokens: 64, scale: 1, bias: 0 },
          { scale: 1, bias: 0 },
        ],
      }),
    }),
    'rising lengths',
  ],
)

test('a reading of tokens is optional, and carries no bias of its own', () => {
  expect(parseDirectionFile(directionFile(), 'tiny').tokens).toBeUndefined()
  expect(parseDirectionFile(directionFile(withTokens()), 'tiny').tokens).toEqual({
    reading: {
      site: tokens.site,
      weight: Float32Array.of(1, 2, 3),
      bias: 0,
      dropDimensions: [2],
      normalise: 'l2',
    },
    windowTokens: 16,
    scale: 1,
    bias: 0,
  })
})

test.each(broken)('%s is an error that says where', (_, bytes, problem) => {
  expect(() => parseDirectionFile(bytes, 'tiny')).toThrow(
    expect.objectContaining({
      code: 'PARAPET_DETECTOR_DIRECTION_INVALID',
      message: expect.stringContaining(problem),
    }),
  )
})
