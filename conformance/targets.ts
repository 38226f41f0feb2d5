import { PARAPET_TARGETS, type Target } from '@parapet/conformance'

/** A target by name, loaded in the process that drives it: peers are installed apart, and load what they like. */
export interface ListedTarget {
  readonly name: string
  readonly peer: boolean
  /** Rows that do not apply to it, as a target of ours says itself. */
  readonly exempt: readonly string[]
  load(): Promise<Target>
}

/** The file of each peer in `peers/`, and what it exports the target as. */
const PEERS = [
  ['@openai/guardrails', 'openai-guardrails', 'target'],
  ['@openai/agents', 'openai-agents', 'target'],
  ['@mastra/core', 'mastra', 'target'],
  ['@mastra/core (batched)', 'mastra', 'batched'],
  ['langchain', 'langchain', 'target'],
  ['@presidio-dev/hai-guardrails', 'hai-guardrails', 'target'],
] as const

async function loadPeer(file: string, exported: string): Promise<Target> {
  const loaded = (await import(new URL(`./peers/${file}.mjs`, import.meta.url).href)) as Record<
    string,
    Target
  >
  const target = loaded[exported]
  if (!target) throw new Error(`peers/${file}.mjs exports no ${exported}`)
  return target
}

/** Every target of the table, ours first. */
export const TARGETS: readonly ListedTarget[] = [
  ...PARAPET_TARGETS.map((target) => ({
    name: target.name,
    peer: false,
    exempt: Object.keys(target.notApplicable ?? {}),
    load: async () => target,
  })),
  ...PEERS.map(([name, file, exported]) => ({
    name,
    peer: true,
    exempt: [],
    load: () => loadPeer(file, exported),
  })),
]
