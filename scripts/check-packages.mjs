/**
 * Checks the packages as npm would publish them: publint, the types' resolution (attw, ESM only), no file too many,
 * and that each subpath loads where only the required dependencies are installed.
 *
 *     node scripts/check-packages.mjs          after `npm run build`
 */
import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

const ROOT = process.argv[2] ?? dirname(import.meta.dirname)
const ATTW = join(dirname(import.meta.dirname), 'node_modules/@arethetypeswrong/cli/dist/index.js')
const MOST_FILE_BYTES = 95 * 1024 * 1024

/** Subpaths whose optional peers come with whoever imports them. */
const EAGER_PEERS = { '@parapet/sdk/testing': ['fast-check'] }

const run = promisify(execFile)
const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

const packages = globSync(['packages/*/package.json', 'packages/models/*/package.json'], { cwd: ROOT })
  .map((path) => join(ROOT, dirname(path)))
  .map((folder) => ({ folder, manifest: manifestOf(folder), isModel: dirname(folder).endsWith('models') }))
  .filter(({ manifest }) => manifest.private !== true)
const code = packages.filter(({ isModel }) => !isModel)
const models = packages.filter(({ isModel }) => isModel)
const temporary = mkdtempSync(join(tmpdir(), 'parapet-packages-'))
const problems = []

/** Packs one package and unpacks it again beside the tarball. */
async function pack({ folder, manifest }) {
  const place = join(temporary, manifest.name.replace('/', '-'))
  mkdirSync(place, { recursive: true })
  const fromNpm = /npm-cli\.c?js$/.test(process.env.npm_execpath ?? '')
  const [file, before] = fromNpm ? [process.execPath, [process.env.npm_execpath]] : ['npm', []]
  await run(file, [...before, 'pack', '--loglevel=error', '--pack-destination', place], { cwd: folder })
  const tarball = join(
    place,
    readdirSync(place).find((name) => name.endsWith('.tgz')),
  )
  await run('tar', ['-xzf', tarball, '-C', place])
  return { tarball, unpacked: join(place, 'package') }
}

async function lint({ manifest }, folder) {
  const { messages } = await publint({ pkgDir: folder, strict: true, pack: false })
  for (const message of messages)
    problems.push(`${manifest.name}: publint: ${formatMessage(message, manifest)}`)
}

async function checkTypes({ manifest }, tarball) {
  const args = [ATTW, tarball, '--profile', 'esm-only', '--no-color', '--no-emoji', '--format', 'ascii']
  await run(process.execPath, args).catch(({ stdout, stderr }) => {
    problems.push(`${manifest.name}: attw:\n${stdout}${stderr}`)
  })
}

/** Tests, build records, and outputs whose source is gone do not belong into a package. */
function checkFiles({ manifest }, unpacked) {
  for (const path of globSync('**/*', { cwd: unpacked })) {
    if (/\.(test|test-d)\.|\.tsbuildinfo$/.test(path)) problems.push(`${manifest.name}: ${path} is published`)
    const output = /^dist\/(.*?)\.(?:js|d\.ts)$/.exec(path)
    if (output !== null && !existsSync(join(unpacked, 'src', `${output[1]}.ts`))) {
      problems.push(`${manifest.name}: ${path} has no source any more. Remove dist and build again.`)
    }
  }
}

function checkModelFiles({ folder, manifest }) {
  if (!existsSync(join(folder, 'manifest.json'))) problems.push(`${manifest.name}: manifest.json is missing`)
  for (const path of globSync('**/*', { cwd: folder })) {
    const { size } = statSync(join(folder, path))
    if (size > MOST_FILE_BYTES)
      problems.push(`${manifest.name}: ${path} has ${size} bytes, over ${MOST_FILE_BYTES}`)
  }
}

/** Apache-2.0 asks that whoever gets the package gets the licence; npm packs the one beside package.json. */
function checkLicence({ folder, manifest }) {
  const licence = (place) =>
    existsSync(join(place, 'LICENSE')) && readFileSync(join(place, 'LICENSE'), 'utf8')
  if (licence(folder) !== licence(ROOT))
    problems.push(`${manifest.name}: LICENSE is not the copy of the repository's`)
}

/** Puts a package and what it requires into a tree of its own: our packages unpacked, the others linked. */
function install(place, name, unpackedOf, installed = new Set()) {
  if (installed.has(name)) return
  installed.add(name)
  const target = join(place, 'node_modules', name)
  mkdirSync(dirname(target), { recursive: true })
  const model = models.find(({ manifest }) => manifest.name === name)
  const unpacked = unpackedOf.get(name)
  if (unpacked === undefined) return symlinkSync(model?.folder ?? join(ROOT, 'node_modules', name), target)
  cpSync(unpacked, target, { recursive: true })
  for (const dependency of Object.keys(manifestOf(unpacked).dependencies ?? {})) {
    install(place, dependency, unpackedOf, installed)
  }
}

async function checkLoads({ manifest }, unpackedOf) {
  const place = join(temporary, `loads-${manifest.name.replace('/', '-')}`)
  install(place, manifest.name, unpackedOf)
  const subpaths = Object.keys(manifest.exports ?? {}).filter(
    (path) => !path.endsWith('.json') && !path.includes('*'),
  )
  for (const specifier of subpaths.map((path) => join(manifest.name, path))) {
    for (const peer of EAGER_PEERS[specifier] ?? []) install(place, peer, unpackedOf)
    const args = ['--input-type=module', '--eval', `await import(${JSON.stringify(specifier)})`]
    await run(process.execPath, args, { cwd: place }).catch(({ stderr }) => {
      problems.push(`${specifier} does not load with its required dependencies alone:\n${stderr}`)
    })
  }
  for (const [name, path] of Object.entries(manifest.bin ?? {})) {
    const args = [join(place, 'node_modules', manifest.name, path), '--help']
    await run(process.execPath, args, { cwd: place }).catch(({ stderr }) => {
      problems.push(`${name} --help fails:\n${stderr}`)
    })
  }
}

try {
  const packed = new Map()
  for (const each of code) packed.set(each.manifest.name, await pack(each))
  const unpackedOf = new Map([...packed].map(([name, { unpacked }]) => [name, unpacked]))
  for (const each of code) {
    const { tarball, unpacked } = packed.get(each.manifest.name)
    checkFiles(each, unpacked)
    await Promise.all([lint(each, unpacked), checkTypes(each, tarball), checkLoads(each, unpackedOf)])
  }
  for (const each of models) {
    checkModelFiles(each)
    await lint(each, each.folder)
  }
  for (const each of packages) checkLicence(each)
  if (code.length === 0) problems.push('no package was found to check')
} finally {
  rmSync(temporary, { recursive: true, force: true })
}

for (const problem of problems) console.error(problem)
console.log(`${packages.length} packages checked, ${problems.length} problems`)
if (problems.length > 0) process.exitCode = 1
