/**
 * Runs every check and every test, and closes with `N passed, N failed`: each check counts as one.
 *
 *     npm test                       everything
 *     npm test -- <jest arguments>   all checks, and the tests that jest chooses
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'

const ROOT = dirname(import.meta.dirname)
const jestArguments = process.argv.slice(2)
const inModules = (path) => join(ROOT, 'node_modules', path)

const FOLDERS = ['packages', 'examples', 'test', 'bench', 'conformance'].filter((folder) =>
  existsSync(join(ROOT, folder)),
)

const BUILD = [
  'build',
  inModules('turbo/bin/turbo'),
  'run',
  'build',
  '--output-logs=errors-only',
  '--ui=stream',
]
const CHECKS = [
  ['types', inModules('typescript/bin/tsc'), '-p', 'tsconfig.json'],
  [
    'lint',
    inModules('@biomejs/biome/bin/biome'),
    'check',
    '--error-on-warnings',
    '--max-diagnostics=50',
    '.',
  ],
  // Biome does not follow types out of a package: what needs them everywhere is asked of the compiler's own.
  ['promises', inModules('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings', ...FOLDERS],
  [
    'imports',
    inModules('dependency-cruiser/bin/dependency-cruiser.mjs'),
    ...FOLDERS,
    '--config',
    '.dependency-cruiser.mjs',
  ],
  ['unused code', inModules('knip/bin/knip.js'), '--no-config-hints', '--no-progress'],
  ['packages', join(ROOT, 'scripts/check-packages.mjs')],
]

/** Properties take the same seed in CI, and a new one each time elsewhere, so that they go on finding things. */
const seed =
  process.env.FAST_CHECK_SEED ?? (process.env.CI ? '20261125' : String(Math.floor(Math.random() * 2 ** 31)))

const count = { passed: 0, failed: 0, skipped: 0 }
const say = (line) => console.log(line)
const secondsSince = (begun) => `${((performance.now() - begun) / 1_000).toFixed(1)} s`

function record(title, ok, begun, output = '') {
  count[ok ? 'passed' : 'failed'] += 1
  say(`${ok ? 'passed' : 'FAILED'}  ${title}  ${secondsSince(begun)}`)
  if (!ok) say(`${output.trimEnd()}\n`)
}

/** Runs a script on this Node. Gives its exit code and what it printed; with `inherit` it prints by itself. */
function node(args, { inherit = false } = {}) {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, FAST_CHECK_SEED: seed, ...(inherit ? {} : { NO_COLOR: '1' }) },
    stdio: inherit ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of inherit ? [] : [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code, signal) => resolve({ code: code ?? signal, output }))
  })
}

async function runCheck([title, ...args]) {
  const begun = performance.now()
  const { code, output } = await node(args)
  record(title, code === 0, begun, output)
}

/** The build first, since the packages are checked as built. Then two at a time: there may be no more than two cores, and each of them is mostly one thread. */
async function runChecks() {
  await runCheck(BUILD)
  const waiting = [...CHECKS]
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) await runCheck(check)
  }
  await Promise.all([worker(), worker()])
}

async function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-test-'))
  const results = join(folder, 'results.json')
  try {
    const { code } = await node(
      [
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        inModules('jest/bin/jest.js'),
        '--ci',
        '--json',
        `--outputFile=${results}`,
        ...jestArguments,
      ],
      { inherit: true },
    )
    countTests(code, existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : undefined)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function countTests(code, results) {
  if (results === undefined) {
    count.failed += 1
    return say(`FAILED  jest ended with ${code} and left no results`)
  }
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites
  count.passed += results.numPassedTests
  count.failed += failed
  count.skipped += results.numPendingTests + results.numTodoTests
  for (const suite of results.testResults) {
    if (suite.status === 'failed') say(`FAILED  ${relative(ROOT, suite.name)}`)
  }
  if (code !== 0 && failed === 0) {
    count.failed += 1
    say(`FAILED  jest ended with ${code} although no test failed: see what it printed`)
  }
  if (jestArguments.length === 0) checkSkips(results)
}

/** A skip has a row in test/QUARANTINES.md that gives its reason; one without is a failure. */
function checkSkips(results) {
  const begun = performance.now()
  const rows = readFileSync(join(ROOT, 'test/QUARANTINES.md'), 'utf8').matchAll(
    /^\| `([^`]+)` \| ([^|]+) \|/gm,
  )
  const reasons = new Map([...rows].map(([, path, reason]) => [path, reason.trim()]))
  const unexplained = []
  for (const suite of results.testResults) {
    const skipped = suite.assertionResults.filter(({ status }) => status === 'pending' || status === 'todo')
    if (skipped.length === 0) continue
    const path = relative(ROOT, suite.name)
    const reason = reasons.get(path)
    if (reason === undefined) unexplained.push(path, ...skipped.map(({ fullName }) => `  ${fullName}`))
    else say(`skipped ${path}: ${skipped.length} tests: ${reason}`)
  }
  const advice = 'Give each a row in test/QUARANTINES.md, or run it:'
  record('skips explained', unexplained.length === 0, begun, [advice, ...unexplained].join('\n'))
}

const begun = performance.now()
say(`checks, then tests; properties run on seed ${seed} (FAST_CHECK_SEED=${seed} npm test repeats them)`)
await runChecks()
await runTests()
if (count.failed > 0) process.exitCode = 1
say(`took ${secondsSince(begun)}`)
say(`${count.passed} passed, ${count.failed} failed${count.skipped > 0 ? `, ${count.skipped} skipped` : ''}`)
