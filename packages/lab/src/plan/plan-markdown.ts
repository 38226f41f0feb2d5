import type { Share } from '../metrics/index.ts'
import type { PlanGate } from './plan-gate.ts'
import type { PolicyPlan } from './plan-policy.ts'
import type { PolicyFinding } from './policy-finding.ts'

const percent = (value: number): string => (Number.isNaN(value) ? '–' : `${(value * 100).toFixed(2)} %`)
const shareText = ({ hits, n, share, low, high }: Share): string =>
  `${hits} of ${n} (${percent(share)}, ${percent(low)} to ${percent(high)})`

/** Names in policies are the developer's own, and still must not break out of a table's cell. */
const cell = (value: string | number): string =>
  String(value).replace(/[\\|`<>&*_[\]\n\r]/g, (found) =>
    /[\n\r]/.test(found) ? ' ' : `&#${found.charCodeAt(0)};`,
  )

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')

/** One finding in words. */
export function describeFinding(finding: PolicyFinding): string {
  const { stage } = finding
  switch (finding.kind) {
    case 'no-effect':
      return `${stage}: the rule ${finding.rule} changes no verdict: ${finding.because} holds whenever it does and asks for as much`
    case 'fails-open':
      return `${stage}: a detector that fails lets content pass (onError: ${finding.action})`
    case 'abstains-open': {
      const languages =
        finding.languages === 'any' ? '' : `, in a language other than ${finding.languages.join(', ')}`
      return `${stage}: passes unjudged what is longer than ${finding.maxCharacters} characters${languages}, or is media (onAbstain: ${finding.action})`
    }
    case 'expires-open':
      return `${stage}: what ${finding.rule} holds passes when nobody decides in time`
    case 'window-leak':
      return `${stage}: released in windows of ${finding.windowCharacters}: what stands before the window that blocks has left`
    case 'unjudged-stage':
      return `${stage}: nothing judges it`
    case 'budget-cuts-attempts':
      return `${stage}: ${finding.detector} has ${finding.timeoutMs} ms an attempt and the stage ${finding.budgetMs} ms: a second attempt never ends`
    case 'sends-out':
      return `${stage}: ${finding.detector} sends content to ${finding.to}`
  }
}

/** The plan as Markdown, for a pull request. It holds no text of users. */
export function planMarkdown(plan: PolicyPlan, gate?: PlanGate): string {
  const { old, new: next, changed, loosened, tightened } = plan
  const ms = ({ measuringMs }: PolicyPlan['old']) =>
    measuringMs
      ? `${measuringMs.p50.toFixed(1)} / ${measuringMs.p95.toFixed(1)} (n ${measuringMs.n})`
      : 'not known'
  const load = ({ reviews }: PolicyPlan['old']) =>
    `${reviews.holds} held, ${reviews.audits.toFixed(1)} audited${reviews.perDay === undefined ? '' : `, ${reviews.perDay.toFixed(1)} a day`}`
  const sent = ({ recipients }: PolicyPlan['old']) =>
    Object.entries(recipients)
      .map(([to, { decisions, characters }]) => `${to}: ${characters} characters of ${decisions} decisions`)
      .join('; ') || 'nobody'
  const blocks = [
    `## Policy plan: ${cell(`${old.id} ${old.version}`)} → ${cell(`${next.id} ${next.version}`)}`,
    `${plan.answered} of ${plan.decisions} recorded decisions can be asked under both policies${plan.unreadable > 0 ? `; ${plan.unreadable} lines cannot be read` : ''}.`,
    table(
      ['', 'old', 'new'],
      [
        ['reviews', load(old), load(next)],
        ['measuring, p50 / p95 ms', ms(old), ms(next)],
        ['sent to others', sent(old), sent(next)],
      ],
    ),
    table(
      ['verdicts', 'decisions (95 % interval)'],
      [
        ['changed', shareText(changed)],
        ['softer', shareText(loosened)],
        ['stricter', shareText(tightened)],
        ...plan.transitions
          .filter(({ from, to }) => from !== to)
          .map(({ from, to, share }) => [`${from} → ${to}`, shareText(share)]),
      ],
    ),
  ]
  const unknowns = Object.entries(plan.unknowns)
  if (unknowns.length > 0) blocks.push(table(['not in the records', 'decisions'], unknowns))
  const silent = next.rules.filter(({ held }) => held.hits === 0)
  if (silent.length > 0 && plan.answered > 0)
    blocks.push(
      table(
        ['rules that never held', 'may hold in at most'],
        silent.map(({ stage, rule, held }) => [`${stage}: ${rule}`, percent(held.high)]),
      ),
    )
  const { introduced, resolved } = plan.findings
  const findings = [
    ...introduced.map((finding) => ['new', describeFinding(finding)]),
    ...resolved.map((finding) => ['gone', describeFinding(finding)]),
  ]
  if (findings.length > 0) blocks.push(table(['', 'proved from the policies'], findings))
  if (gate && gate.bars.length > 0)
    blocks.push(
      table(
        ['gate', 'limit', 'found', 'verdict'],
        gate.bars.map(({ bar, limit, found, low, high, verdict }) => [
          bar,
          limit,
          low === undefined || high === undefined
            ? (found ?? 'not known')
            : `${percent(low)} to ${percent(high)}`,
          verdict,
        ]),
      ),
    )
  return `${blocks.join('\n\n')}\n`
}
