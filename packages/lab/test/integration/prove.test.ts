import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createModelHost } from '@parapet/runtime'
import { writeRefusingDecoder } from '@parapet/runtime/testing'
import { createAnswerJudge, type ProveOptions, promptSet, proveDirection } from '../../src/index.ts'
import { shouted, spoken } from '../builders/tiny-prompts.ts'
import { wordJudge } from '../builders/word-judge.ts'
import { writeDirection } from '../builders/write-direction.ts'

/** Far enough along the direction for the tiny model to refuse, and little enough for a random vector to leave it whole. */
const ADDED = 1
const LONG_MS = 120_000

let root: string
const host = createModelHost({ threads: 1 })
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'parapet-prove-'))
  await writeTiny('refusing')
  await writeTiny('never', { threshold: 100 })
  await writeTiny('always', { threshold: -0.3 })
})
afterAll(async () => {
  await host.close()
  await rm(root, { recursive: true })
})

async function writeTiny(name: string, options: { threshold?: number; seed?: number } = {}): Promise<void> {
  const { direction } = await writeRefusingDecoder(join(root, name), options)
  await writeDirection(
    join(root, name),
    direction.map((value) => value * ADDED),
  )
}
const proveTiny = (options: Partial<ProveOptions> = {}) =>
  proveDirection({
    model: join(root, 'refusing'),
    harmful: shouted,
    harmless: spoken,
    maxNewTokens: 12,
    judge: wordJudge,
    host,
    ...options,
  })
const codes = (proof: { readonly doubts: readonly { readonly code: string }[] }) =>
  proof.doubts.map(({ code }) => code)

describe('proving the direction of a model whose refusal is one', () => {
  test(
    'shows the drop and the rise, which random directions do not show',
    async () => {
      const judge = await createAnswerJudge({ host })

      const proof = await proveTiny({ judge, bars: { minDrop: 0.5, minRise: 0.5, maxRandomShift: 0.5 } })
      await judge.close()

      expect(proof.refusalRate).toEqual({
        harmful: { base: 1, erased: 0, randomErased: expect.any(Number) },
        harmless: { base: 0, added: 1, randomAdded: expect.any(Number) },
      })
      expect(proof.refusalRate.harmful.randomErased).toBeGreaterThanOrEqual(0.9)
      // In 32 dimensions a random vector is not at right angles to all that matters: some answers come out bent.
      expect(proof.refusalRate.harmless.randomAdded).toBeLessThan(0.5)
      expect(proof.verdict).toBe('pass')
      expect(proof.direction.origin).toBe('planted')
      expect(codes(proof)).toEqual(expect.arrayContaining(['few-prompts', 'planted']))
      for (const doubt of ['never-refuses', 'text-broke', 'random-too', 'erases-nothing', 'adds-nothing'])
        expect(codes(proof)).not.toContain(doubt)
    },
    LONG_MS,
  )

  test(
    'the wrong direction fails the bars, and is said to move nothing',
    async () => {
      const wrong = new Float32Array(32).fill(0.01)
      const direction = await writeDirection(join(root, 'refusing'), wrong, {
        to: join(root, 'wrong.safetensors'),
      })

      const proof = await proveTiny({ direction, bars: { minDrop: 0.5, minRise: 0.5 } })

      expect(proof.verdict).toBe('fail')
      expect(codes(proof)).toEqual(expect.arrayContaining(['erases-nothing', 'adds-nothing']))
    },
    LONG_MS,
  )

  test(
    'gives the same proof for the same seed, and plain JSON',
    async () => {
      const [first, second] = [await proveTiny(), await proveTiny({ concurrency: 3 })]

      expect(second).toEqual(first)
      expect(JSON.parse(JSON.stringify(first))).toEqual(first)
    },
    LONG_MS,
  )
})

describe('what a chart would hide is said in words', () => {
  test(
    'a model that never refuses',
    async () => {
      expect(codes(await proveTiny({ model: join(root, 'never') }))).toContain('never-refuses')
    },
    LONG_MS,
  )

  test(
    'a model that always refuses',
    async () => {
      expect(codes(await proveTiny({ model: join(root, 'always') }))).toContain('always-refuses')
    },
    LONG_MS,
  )

  test(
    'a model that writes rubbish',
    async () => {
      const judge = { ...wordJudge, judge: async () => ({ kind: 'degenerate' as const, because: 'signs' }) }

      expect(codes(await proveTiny({ judge }))).toContain('writes-rubbish')
    },
    LONG_MS,
  )
})

describe('a direction that was chosen in the affine form', () => {
  test(
    'is erased in it, and in the other where that is asked for',
    async () => {
      const { direction } = await writeRefusingDecoder(join(root, 'affine'))
      const fit = { erase: 'affine', chosen: { offset: 0.25 } }
      await writeDirection(join(root, 'affine'), direction, { fit })

      const proof = await proveTiny({ model: join(root, 'affine') })
      const other = await proveTiny({ model: join(root, 'affine'), erase: 'zero' })

      expect(proof.settings).toMatchObject({ erase: 'affine', eraseOffset: 0.25 })
      expect(other.settings).toMatchObject({ erase: 'zero', eraseOffset: 0 })
    },
    LONG_MS,
  )
})

describe('prompts that do not fit into the context of 2048 tokens', () => {
  const withLong = (extra: number) =>
    promptSet([
      ...shouted.texts.slice(0, 12 - extra),
      ...Array.from({ length: extra }, (_, n) => 'A'.repeat(2036 + n)),
    ])

  test(
    'are left out, counted and said',
    async () => {
      const proof = await proveTiny({ harmful: withLong(2) })

      expect(proof.tooLong).toEqual({ harmful: 2, harmless: 0 })
      expect(proof.tallies[0]?.n).toBe(10)
      expect(proof.doubts).toContainEqual({
        code: 'too-long',
        text: expect.stringContaining('2 harmful prompts'),
      })
    },
    LONG_MS,
  )

  test(
    'are an error where too few are left',
    async () => {
      await expect(proveTiny({ harmful: withLong(3) })).rejects.toMatchObject({
        code: 'PARAPET_LAB_PROVE_PROMPTS_FEW',
        message: expect.stringContaining('9 different harmful prompts that fit'),
      })
    },
    LONG_MS,
  )
})

describe('bad input', () => {
  const few = promptSet(['ONE', 'TWO', 'TWO'])
  test.each<[string, () => Partial<ProveOptions>, string]>([
    ['too few prompts', () => ({ harmful: few }), 'PARAPET_LAB_PROVE_PROMPTS_FEW'],
    ['the same prompts on both sides', () => ({ harmless: shouted }), 'PARAPET_LAB_PROMPTS_SHARED'],
    [
      'a direction that is not there',
      () => ({ direction: join(root, 'none') }),
      'PARAPET_LAB_DIRECTION_UNREADABLE',
    ],
    [
      'a direction of another model',
      () => ({ direction: join(root, 'never', 'direction.safetensors') }),
      'PARAPET_DETECTOR_DIRECTION_MISMATCH',
    ],
    ['a bar out of range', () => ({ bars: { minDrop: 2 } }), 'PARAPET_LAB_OPTION_INVALID'],
  ])('%s', async (_, options, code) => {
    await expect(proveTiny(options())).rejects.toMatchObject({ code })
  })

  test('a direction of length 0', async () => {
    const to = join(root, 'zero.safetensors')
    await writeDirection(join(root, 'refusing'), new Float32Array(32), { to })

    await expect(proveTiny({ direction: to })).rejects.toMatchObject({ code: 'PARAPET_LAB_DIRECTION_ZERO' })
  })

  test('an answer that cannot be judged ends the run, and no rate is given', async () => {
    const judge = { ...wordJudge, judge: () => Promise.reject(Object.assign(new Error('no'), { code: 'X' })) }

    await expect(proveTiny({ judge })).rejects.toMatchObject({ code: 'X' })
  })
})

describe('a run folder', () => {
  test(
    'and the proof hold the digest of the system prompt, and not a word of it',
    async () => {
      const out = join(root, 'system')

      const proof = await proveTiny({ out, system: 'sesame' })

      expect(proof.settings.system).toBe(createHash('sha256').update('sesame').digest('hex'))
      for (const name of await readdir(out))
        expect(await readFile(join(out, name), 'utf8')).not.toContain('sesame')
    },
    LONG_MS,
  )

  test(
    'a run that was killed is taken up again, and ends with the same proof',
    async () => {
      const out = join(root, 'killed')
      const uninterrupted = await proveTiny()

      await killAfter(20, [join(root, 'refusing'), out])
      const kept = (await readFile(join(out, 'answers.jsonl'), 'utf8')).split('\n').slice(0, -1)
      const resumed: boolean[] = []
      const proof = await proveTiny({
        out,
        onProgress: ({ stage, done }) => resumed.push(stage > 1 || done >= kept.length),
      })

      expect(kept.length).toBeGreaterThanOrEqual(15)
      expect(kept.length).toBeLessThan(72)
      expect(resumed).not.toContain(false)
      expect(proof).toEqual(uninterrupted)
      expect(JSON.parse(await readFile(join(out, 'proof.json'), 'utf8'))).toEqual(proof)
      const lines = (await readFile(join(out, 'answers.jsonl'), 'utf8')).trim().split('\n')
      expect(lines.slice(0, kept.length)).toEqual(kept)
      expect(lines).toHaveLength(72)
    },
    LONG_MS,
  )

  test(
    'a folder of other settings is refused, and names them',
    async () => {
      const out = join(root, 'other')
      await proveTiny({ out })

      await expect(proveTiny({ out, seed: 7 })).rejects.toMatchObject({
        code: 'PARAPET_LAB_FOLDER_OTHER',
        message: expect.stringContaining('settings.seed'),
      })
    },
    LONG_MS,
  )
})

/** Runs the program and kills it without mercy once it has reported so many answers. */
function killAfter(answers: number, args: readonly string[]): Promise<void> {
  const program = join(import.meta.dirname, '../programs/prove-tiny.ts')
  const child = spawn(process.execPath, ['--conditions=@parapet/source', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += String(chunk)
    if (said.split('\n').length > answers) child.kill('SIGKILL')
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (_, signal) =>
      signal === 'SIGKILL' ? resolve() : reject(new Error('It ended before it was killed.')),
    )
  })
}
