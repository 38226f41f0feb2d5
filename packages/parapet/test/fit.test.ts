import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, jest } from '@jest/globals'
import { writeRefusingDecoder } from '@parapet/runtime/testing'
import { jsonLines, runParapet, startParapet } from './run-parapet.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A run is some hundred passes: on a machine with other work that can take a while. */
jest.setTimeout(300_000)

const folder = temporaryFolder()
const at = (name: string) => join(folder, name)
const THINGS = ['the drawer', 'a blue door', 'the old map', 'my bicycle', 'the kettle', 'a paper hat']
const requests = ['open', 'paint', 'carry', 'mend'].flatMap((verb) =>
  THINGS.map((thing) => `${verb} ${thing}`),
)

const FILES = ['--model', at('model'), '--harmful', at('harmful.jsonl'), '--harmless', at('harmless.jsonl')]
const SIZES = '--train 8 --validation 4 --test 4 --answers 8 --shortlist 3 --controls 1 --kl-bound 1'.split(
  ' ',
)

const runFit = (...args: string[]) => runParapet(['fit', ...FILES, ...SIZES, '--out', at('run'), ...args])

beforeAll(async () => {
  await writeRefusingDecoder(at('model'))
  writeFileSync(
    at('harmful.jsonl'),
    jsonLines(requests.map((text) => ({ text: `${text} now`.toUpperCase() }))),
  )
  writeFileSync(at('harmless.jsonl'), jsonLines(requests.map((text) => ({ text }))))
})

describe('parapet fit', () => {
  it('writes a direction file, with progress on standard error, and what was measured as JSON', async () => {
    const { status, stdout, stderr } = await runFit('--json')

    expect({ status, stderr }).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^\[2\/8\] refusal tokens: /),
    })
    expect(stderr).toMatch(/\[8\/8\] test: 8 of 8/)
    const { file, test } = JSON.parse(stdout) as {
      file: string
      test: { refusal: { harmful: Record<string, { share: number }> } }
    }
    expect(readFileSync(file).length).toBeGreaterThan(100)
    expect(test.refusal.harmful).toMatchObject({
      base: { share: 1 },
      erased: { share: 0 },
      randomErased: { share: 1 },
    })
  })

  it('takes up a run that was killed, and comes to the same file', async () => {
    const child = startParapet(['fit', ...FILES, ...SIZES, '--out', at('killed')])
    child.stdin.end()
    child.stdout.resume()
    const closed = once(child, 'close')
    for await (const chunk of child.stderr) if (/\[3\/8\]/.test(String(chunk))) child.kill('SIGKILL')
    await closed
    expect(child.signalCode).toBe('SIGKILL')
    expect(readdirSync(at('killed'))).not.toContain('direction.safetensors')

    const { status } = await runParapet(['fit', ...FILES, ...SIZES, '--out', at('killed')])

    expect(status).toBe(0)
    const [whole, resumed] = ['run', 'killed'].map((run) => readFileSync(at(`${run}/direction.safetensors`)))
    expect(resumed?.equals(whole ?? Buffer.of())).toBe(true)
  })

  it('says it as tables, out of the run that is there', async () => {
    const { status, stdout } = await runFit()

    expect(status).toBe(0)
    expect(stdout).toMatch(/place +blocks\.[23]\.hook_resid_pre at /)
    expect(stdout).toMatch(/harmful +erased +0\.000 +0\.000 to /)
  })

  it.each([
    ['no model', ['--harmful', 'x', '--harmless', 'y', '--out', 'z'], '--model is needed'],
    [
      'a number that is none',
      ['--model', 'm', '--harmful', 'x', '--harmless', 'y', '--out', 'z', '--seed', 'one'],
      '--seed takes',
    ],
    ['an argument too many', ['extra'], '1 arguments were given'],
  ])('is called wrongly with %s', async (_, args, problem) => {
    const { status, stderr } = await runParapet(['fit', ...args])

    expect(status).toBe(2)
    expect(stderr).toContain(problem)
  })

  it('names the file and the line of a prompt that is none, and quotes nothing', async () => {
    writeFileSync(at('broken.jsonl'), '{"text":"a"}\ncanary\n')

    const { status, stderr } = await runFit('--harmful', at('broken.jsonl'))

    expect(status).toBe(1)
    expect(stderr).toMatch(/^PARAPET_LAB_PROMPTS_UNREADABLE: .*harmful prompts.*line 2/)
    expect(stderr).not.toContain('canary')
  })

  it('refuses the folder of another run, and a number out of range', async () => {
    const other = await runFit('--seed', '7')
    const range = await runFit('--depth', '2')

    expect(other).toMatchObject({ status: 1, stderr: expect.stringContaining('options.seed') })
    expect(range).toMatchObject({ status: 1, stderr: expect.stringContaining('"depth"') })
  })
})

describe('parapet direction', () => {
  const file = at('run/direction.safetensors')

  it('inspects what fit wrote', async () => {
    const { status, stdout } = await runParapet(['direction', 'inspect', file])
    const json = await runParapet(['direction', 'inspect', file, '--json'])

    expect(status).toBe(0)
    expect(stdout).toMatch(/model\.onnx +[0-9a-f]{64}/)
    expect(stdout).toContain('fit: bounds')
    expect(JSON.parse(json.stdout)).toMatchObject({
      schema: 'parapet.direction/1',
      evidence: { origin: 'unknown' },
    })
  })

  it('verifies it on its model, and refuses it on another by both digests', async () => {
    await writeRefusingDecoder(at('other'), { seed: 2 })

    const own = await runParapet(['direction', 'verify', file, '--model', at('model'), '--json'])
    const other = await runParapet(['direction', 'verify', file, '--model', at('other')])

    expect(own.status).toBe(0)
    expect((JSON.parse(own.stdout) as { leak: number }).leak).toBeLessThan(1e-5)
    expect(other.status).toBe(1)
    expect(other.stderr).toMatch(/^PARAPET_DETECTOR_DIRECTION_MISMATCH: .*[0-9a-f]{64}.*[0-9a-f]{64}/)
  })

  it.each([
    ['a file that is not there', 'none.safetensors', 'PARAPET_CLI_INPUT_MISSING'],
    ['a file that is no direction', 'harmless.jsonl', 'PARAPET_DETECTOR_DIRECTION_INVALID'],
  ])('says of %s what it is', async (_, name, code) => {
    const { status, stderr } = await runParapet(['direction', 'inspect', at(name)])

    expect(status).toBe(1)
    expect(stderr).toContain(code)
  })

  it('is called wrongly without a verb, a file, or a model to verify on', async () => {
    const wrong = [['direction'], ['direction', 'inspect'], ['direction', 'verify', file]]
    const ended = await Promise.all(wrong.map((args) => runParapet(args)))

    expect(ended.map(({ status }) => status)).toEqual([2, 2, 2])
  })
})
