import { createRequire } from 'node:module'
import { freemem } from 'node:os'
import { closeModels, refusalDirection, toxicity } from '@parapet/detectors'
import { isRuntimeError, openModelFolder, resolveModelPackage, verifyFile } from '@parapet/runtime'
import { type Detector, isParapetError, measureOnce } from '@parapet/sdk'
import { type Command, parse, print, type Streams } from '../command.ts'
import { EXIT } from '../output/exit-codes.ts'
import { table } from '../output/table.ts'
import { standardPreset } from '../presets/standard.ts'

const HELP = `parapet doctor: what is installed, what is missing, and the line that mends it

  --json             the findings as JSON

It checks Node, the runtime, every weights package (version, size, digests), memory, and whether this machine can meet
the budgets of the preset "standard".
Exit status: 0 all is there; 1 something is missing or broken; 2 called wrongly.`

/** One thing that was looked at. `mend` is the line that helps, where something is wrong. */
interface Finding {
  readonly what: string
  readonly state: 'ok' | 'missing' | 'broken' | 'slow'
  readonly detail: string
  readonly mend?: string
}

const LEAST_NODE = [22, 13] as const

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const enough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])
  const what = 'node'
  if (enough) return { what, state: 'ok', detail: process.versions.node }
  return {
    what,
    state: 'broken',
    detail: process.versions.node,
    mend: `Install Node ${LEAST_NODE.join('.')} or later.`,
  }
}

function checkRuntime(): Finding {
  const what = 'onnxruntime-node'
  try {
    const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }
    return { what, state: 'ok', detail: version }
  } catch {
    return { what, state: 'missing', detail: 'not installed', mend: 'npm install onnxruntime-node' }
  }
}

async function checkWeights(name: string): Promise<Finding> {
  try {
    const folder = await openModelFolder(resolveModelPackage(name))
    for (const file of Object.keys(folder.manifest.files)) await verifyFile(folder, file)
    const bytes = Object.values(folder.manifest.files).reduce((sum, file) => sum + file.bytes, 0)
    const detail = `${folder.manifest.version}, ${(bytes / 1e6).toFixed(0)} MB, digests match`
    return { what: name, state: 'ok', detail }
  } catch (error) {
    const code = isRuntimeError(error) ? error.code : 'PARAPET_CLI_UNEXPECTED'
    const state = code === 'PARAPET_MODEL_PACKAGE_MISSING' ? 'missing' : 'broken'
    return { what: name, state, detail: code, mend: `npm install ${name}` }
  }
}

const TEXT =
  'Could you tell me how long a parcel to Norway takes, and what it costs to send one with insurance? '

/** Whether the slowest model answers a long text within the budget that the preset gives it. */
async function checkBudget(detector: Detector, stage: 'input' | 'output'): Promise<Finding> {
  const what = `budget of ${detector.descriptor.id}`
  const budgetMs = standardPreset().document.stages[stage]?.budgetMs ?? 0
  try {
    const loaded = await detector.load()
    const time = async (text: string) => {
      const started = performance.now()
      await measureOnce({ detector, loaded, stage, text })
      return performance.now() - started
    }
    await time(TEXT)
    const ms = await time(TEXT.repeat(20))
    await loaded.close?.()
    const detail = `${ms.toFixed(0)} ms for 2,000 characters, of ${budgetMs} ms`
    if (ms <= budgetMs) return { what, state: 'ok', detail }
    return {
      what,
      state: 'slow',
      detail,
      mend: `Raise budgetMs over ${Math.ceil(ms * 2)}, or run it on a faster machine.`,
    }
  } catch (error) {
    return { what, state: 'broken', detail: isParapetError(error) ? error.code : 'PARAPET_CLI_UNEXPECTED' }
  }
}

async function run(args: readonly string[], { stdout }: Streams): Promise<number> {
  const { values } = parse('doctor', args, {})
  const weights = await Promise.all(['@parapet/model-sentinel', '@parapet/model-encoder'].map(checkWeights))
  const findings: Finding[] = [
    checkNode(),
    checkRuntime(),
    ...weights,
    {
      what: 'free memory',
      state: freemem() > 500e6 ? 'ok' : 'slow',
      detail: `${(freemem() / 1e6).toFixed(0)} MB (350 MB are used with every model loaded)`,
    },
  ]
  if (findings.every(({ state }) => state !== 'missing' && state !== 'broken'))
    findings.push(await checkBudget(refusalDirection(), 'input'), await checkBudget(toxicity(), 'output'))
  await closeModels()
  const wrong = findings.filter(({ state }) => state === 'missing' || state === 'broken')
  if (values.json) await print(stdout, JSON.stringify({ ok: wrong.length === 0, findings }))
  else
    await print(
      stdout,
      table(
        ['what', 'state', 'detail', 'mend'],
        findings.map(({ what, state, detail, mend = '' }) => [what, state, detail, mend]),
      ),
    )
  return wrong.length === 0 ? EXIT.ok : EXIT.failed
}

export const command: Command = { help: HELP, run }
