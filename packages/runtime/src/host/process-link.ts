import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { StartHost } from './host-link.ts'
import type { FromHost } from './protocol.ts'

/** What a model needs of the environment: where libraries and temporary files are. Keys and tokens of the app stay out. */
const KEPT_VARIABLES = [
  'PATH',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'SYSTEMROOT',
  'SystemRoot',
  'TMPDIR',
  'TEMP',
  'TMP',
  'LANG',
  'LC_ALL',
  'TZ',
]

/**
 * glibc gives large blocks back to the system when they are freed. By itself it raises that limit to 32 MiB as it goes:
 * after one prompt of 2,000 tokens a host then kept 266 MB where it needs 130 (measured). Other systems ignore these.
 */
const ALLOCATOR = { MALLOC_TRIM_THRESHOLD_: '1048576', MALLOC_MMAP_THRESHOLD_: '1048576' }

/** Starts hosts as child processes. */
export function processHosts({ maxHeapMb }: { maxHeapMb: number }): StartHost {
  return (events) => {
    // From the sources the entry is TypeScript, which Node strips; from `dist` it is JavaScript.
    const fromSources = import.meta.url.endsWith('.ts')
    const entry = new URL(fromSources ? './host-process.ts' : './host-process.js', import.meta.url)
    const child = fork(fileURLToPath(entry), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      // `gc` is called after a load, which leaves as much garbage as the model's file is large.
      execArgv: [
        `--max-old-space-size=${maxHeapMb}`,
        '--expose-gc',
        ...(fromSources ? ['--conditions=@parapet/source'] : []),
      ],
      env: { ...Object.fromEntries(KEPT_VARIABLES.flatMap((name) => entryOf(name))), ...ALLOCATOR },
    })
    let over = false
    const end = (how: string) => {
      if (over) return
      over = true
      events.ended(how)
    }
    child.on('message', (message) => {
      if (!over) events.said(message as FromHost)
    })
    child.on('exit', (code, signal) => end(signal === null ? `exit code ${code}` : `signal ${signal}`))
    // The process could not be started, or could not be written to; `exit` need not follow.
    child.on('error', (error) => {
      child.kill('SIGKILL')
      end(`error ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`)
    })
    return {
      pid: child.pid,
      say(message) {
        // A message that cannot be sent belongs to a host that is ending: `exit` tells.
        if (child.connected) child.send(message, () => {})
      },
      kill: () => void child.kill('SIGKILL'),
      hold(busy) {
        if (busy) {
          child.ref()
          child.channel?.ref()
        } else {
          child.unref()
          child.channel?.unref()
        }
      },
    }
  }
}

function entryOf(name: string): [string, string][] {
  const value = process.env[name]
  return value === undefined ? [] : [[name, value]]
}
