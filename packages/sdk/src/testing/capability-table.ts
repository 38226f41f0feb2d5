import { type AdapterCapabilities, CAPABILITIES, type Capability } from '../adapter/capabilities.ts'

/** An adapter's capability table in Markdown, as its page in the docs prints it. */
export function capabilityTable(capabilities: AdapterCapabilities): string {
  const rows = (Object.keys(CAPABILITIES) as Capability[]).map((name) => {
    const { handling, note = '' } = capabilities[name]
    return `| ${CAPABILITIES[name]} | ${handling} | ${note} |`
  })
  return ['| content | handling | |', '| --- | --- | --- |', ...rows].join('\n')
}
