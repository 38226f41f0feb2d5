/**
 * An app in small, for tests of a host's life: asks an encoder in a folder once, prints one line of JSON, then does what
 * the third argument says: `end` (nothing more), `stay` (runs on), `hang` (asks what never ends), `close`.
 */
import { createModelHost, openModelFolder } from '@parapet/runtime'

const [directory = '', isolation = 'process', then = 'end'] = process.argv.slice(2)
const host = createModelHost({ threads: 1, isolation: isolation as 'process' | 'none' })
const encoder = host.encoder(await openModelFolder(directory, 'encoder'))
const [reading] = await encoder.read({ texts: ['good'] })
const secret = process.env['PARAPET_TEST_SECRET']
process.stdout.write(`${JSON.stringify({ kind: reading?.kind, pid: host.status().pid, secret })}\n`)
if (then === 'hang') encoder.read({ texts: ['hang'] }).catch(() => {})
if (then === 'stay') setInterval(() => {}, 1000)
if (then === 'close') await host.close()
