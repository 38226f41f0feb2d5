import { checkLibrary } from './check-install.ts'
import type { Finding } from './finding.ts'

/** The usual variables of keys, and what they are for. A policy may name others by `keyEnv`. */
const KEYS: Readonly<Record<string, string>> = {
  HF_TOKEN: 'for the detector hugging-face, where a policy names it as keyEnv',
  OPENAI_API_KEY: 'for the detector moderation at OpenAI',
  AI_GATEWAY_API_KEY: 'for the detectors llm-judge and llama-guard, where a model is named by its id alone',
}

/** Whether a key is there; never what it is. */
function checkKey(name: string, purpose: string): Finding {
  const there = (process.env[name] ?? '') !== ''
  const what = `key ${name}`
  if (there) return { what, state: 'ok', detail: `set: ${purpose}` }
  return { what, state: 'absent', detail: `not set: ${purpose}`, mend: `export ${name}=…` }
}

/** What the detectors that ask a service need. Nothing is asked, and nothing of it is needed for the usual parts. */
export function checkServices(): Finding[] {
  return [
    checkLibrary('@huggingface/inference', 'for the detector hugging-face', false),
    ...Object.entries(KEYS).map(([name, purpose]) => checkKey(name, purpose)),
  ]
}
