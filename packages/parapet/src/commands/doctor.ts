import { attack, closeModels, harm, refusal, refusalDirection, sentiment, toxicity } from '@parapet/detectors'
import { createGuard, isParapetError, type LoadedDetector } from '@parapet/sdk'
import { atMost, type Command, parse, type Streams } from '../command.ts'
import { EXIT } from '../output/exit-codes.ts'
import { print } from '../output/print.ts'
import { table } from '../output/table.ts'
import { standardPreset } from '../presets/standard.ts'
import { checkBudgets } from './doctor/check-budgets.ts'
import { checkDetector } from './doctor/check-detector.ts'
import { checkLibrary, checkMemory, checkNode } from './doctor/check-install.ts'
import { checkServices } from './doctor/check-services.ts'
import { checkWeights } from './doctor/check-weights.ts'
import { type Finding, isWrong } from './doctor/finding.ts'

const HELP = `parapet doctor: what is installed, what is missing, and the line that mends it

  --json             the findings as JSON

It checks Node, the runtime, every weights package (version, size, digests), every detector that needs a model (whether it
loads, and which rates its calibration offers), which keys of services are set (never their values), memory, and whether this machine meets the budgets of the preset
"standard". States: ok; missing, broken: mend it; absent: needed for one use alone; slow: works, outside the budgets.

Exit status: 0 all is there; 1 something is missing or broken; 2 called wrongly.`

/** The preset asks for rates: whether the calibrations that are installed offer them. */
async function checkPreset(): Promise<Finding> {
  const what = 'preset standard'
  const guard = createGuard({ policy: standardPreset() })
  try {
    const bindingHash = await guard.bindingHash()
    return { what, state: 'ok', detail: `its rates are offered; binding ${bindingHash.slice(0, 19)}…` }
  } catch (error) {
    if (!isParapetError(error)) throw error
    return { what, state: 'broken', detail: `${error.code}: ${error.message}`, mend: 'npm ci' }
  } finally {
    await guard.close()
  }
}

async function examine(): Promise<Finding[]> {
  const findings = [
    checkNode(),
    checkLibrary('onnxruntime-node', 'runs the models', true),
    checkLibrary('ai', 'for @parapet/adapters/ai-sdk, and the detectors llm-judge and llama-guard', false),
    ...checkServices(),
    await checkWeights('@parapet/model-sentinel'),
    await checkWeights('@parapet/model-encoder'),
    checkMemory(),
  ]
  const loaded = new Map<string, LoadedDetector>()
  const detectors = [refusalDirection(), harm(), attack(), toxicity(), sentiment(), refusal()]
  for (const detector of detectors) {
    const checked = await checkDetector(detector)
    findings.push(checked.finding)
    if (checked.loaded) loaded.set(detector.descriptor.id, checked.loaded)
  }
  if (!findings.some(isWrong)) findings.push(await checkPreset())
  findings.push(...(await checkBudgets(standardPreset(), loaded)))
  await closeModels()
  return findings
}

/** A line for each finding, and under it the one that mends it. */
function describe(findings: readonly Finding[]): string {
  const rows = table(
    ['state', 'what', 'detail'],
    findings.map(({ state, what, detail }) => [state, what, detail]),
  )
  const [header = '', ...lines] = rows.split('\n')
  const mended = lines.map((line, index) => {
    const mend = findings[index]?.mend
    return mend === undefined ? line : `${line}\n         → ${mend}`
  })
  const wrong = findings.filter(isWrong).length
  const sum = wrong === 0 ? 'All that is needed is there.' : `${wrong} missing or broken.`
  return [header, ...mended, '', sum].join('\n')
}

async function run(args: readonly string[], { stdout }: Streams): Promise<number> {
  const { values, positionals } = parse('doctor', args, {})
  atMost('doctor', positionals, 0)
  const findings = await examine()
  const ok = !findings.some(isWrong)
  await print(stdout, values.json ? JSON.stringify({ ok, findings }) : describe(findings))
  return ok ? EXIT.ok : EXIT.failed
}

export const command: Command = { help: HELP, run }
