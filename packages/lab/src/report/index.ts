export { PROOF_HEADER, proofRows } from './proof-rows.ts'
export { refusalChart } from './refusal-chart.ts'
export { terminalBars } from './terminal-bars.ts'
