import { readFileSync } from 'node:fs'
import { ROWS } from '@parapet/conformance'
import type { Driven } from './drive-target.ts'

const TEMPLATE = new URL('./page.md', import.meta.url)

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
const row = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
const table = (header: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(header), row(header.map(() => '---')), ...rows.map(row)].join('\n')

/** A clean value as it is, another in bold; neither where the runs differ. With its unit where that is not the row's. */
function counted({ findings }: Driven, name: string, unit: string): string {
  const finding = findings.find((found) => found.row === name)
  if (finding?.runs !== undefined) return finding.runs
  if (!finding || finding.value === 'n/a') return 'n/a'
  const value = finding.value.toLocaleString('en')
  const said = finding.clean ? value : `**${value}**`
  return finding.unit === unit ? said : `${said} ${finding.unit}`
}

const results = (driven: readonly Driven[]) =>
  table(
    ['row', 'counted', ...driven.map(({ name }) => name)],
    ROWS.map(({ name, unit }) => [
      `\`${name}\``,
      unit,
      ...driven.map((target) => counted(target, name, unit)),
    ]),
  )

const questions = () =>
  table(
    ['row', 'question', 'counted'],
    ROWS.map(({ name, question, unit }) => [`\`${name}\``, question, unit]),
  )

const targets = (driven: readonly Driven[]) =>
  table(
    ['target', 'version', 'set up as'],
    driven.map(({ name, version, how }) => [name, version, how]),
  )

/** What each row sent and saw, and the line that does it again. */
function findings(driven: readonly Driven[]): string {
  return driven
    .map((target) => {
      const open = target.findings.filter(({ clean }) => clean !== true)
      if (open.length === 0) return `### ${target.name}\n\nClean in every row.`
      const lines = open.map(
        ({ row: name, value, unit, how, runs }) =>
          `- \`${name}\`: ${runs ?? (value === 'n/a' ? 'n/a' : `${value} ${unit}`)}. ${how}`,
      )
      if (open.every(({ value, runs }) => value === 'n/a' && runs === undefined))
        return `### ${target.name}\n\nClean in every row that could be asked.\n\n${lines.join('\n')}`
      return `### ${target.name}\n\nAgain: \`npm run conformance -- --target '${target.name}' --row <row>\`\n\n${lines.join('\n')}`
    })
    .join('\n\n')
}

/** The page docs/conformance.md, from the template and what was found. */
export function page(driven: readonly Driven[], made: { readonly on: string }): string {
  const filled: Readonly<Record<string, string>> = {
    made: `Made on ${made.on} by \`npm run conformance\`, on Node ${process.versions.node} (${process.platform}, ${process.arch}).`,
    questions: questions(),
    results: results(driven),
    targets: targets(driven),
    findings: findings(driven),
  }
  return readFileSync(TEMPLATE, 'utf8').replace(/^\{\{(\w+)\}\}$/gm, (_, name: string) => {
    const text = filled[name]
    if (text === undefined) throw new Error(`conformance/page.md asks for ${name}, which is not made`)
    return text
  })
}
