import { adaptersBench } from './adapters.bench.ts'
import { directionBench } from './direction.bench.ts'
import type { Figure } from './figure.ts'
import { fitBench } from './fit.bench.ts'
import { gateBench } from './gate.bench.ts'
import { graphBench } from './graph.bench.ts'
import { loadBench } from './load.bench.ts'
import { modelsBench } from './models.bench.ts'
import { peersBench } from './peers.bench.ts'
import { pipelineBench } from './pipeline.bench.ts'
import { proveBench } from './prove.bench.ts'
import { queueBench } from './queue.bench.ts'
import { serveBench } from './serve.bench.ts'
import { servedBench } from './served.bench.ts'
import { storesBench } from './stores.bench.ts'

const BENCHES = [
  pipelineBench,
  gateBench,
  adaptersBench,
  peersBench,
  queueBench,
  storesBench,
  serveBench,
  modelsBench,
  fitBench,
  proveBench,
  graphBench,
  directionBench,
  servedBench,
  loadBench,
]

function verdict({ value, most, least }: Figure): string {
  if (most !== undefined) return value <= most ? `ok (≤ ${most})` : `OVER ${most}`
  if (least !== undefined) return value >= least ? `ok (≥ ${least})` : `UNDER ${least}`
  return ''
}

/** Prints every figure: a table, or with `--json` a JSON line each. `-- <name>` runs the benches of that name alone. */
async function main(args: readonly string[]): Promise<void> {
  const json = args.includes('--json')
  const wanted = args.filter((arg) => !arg.startsWith('--'))
  for (const bench of BENCHES) {
    if (wanted.length > 0 && !wanted.includes(bench.name)) continue
    for (const figure of await bench.run()) {
      const { name, value, unit } = figure
      if (json) console.log(JSON.stringify(figure))
      else
        console.log(
          `${name.padEnd(44)} ${value.toPrecision(4).padStart(10)} ${unit.padEnd(12)} ${verdict(figure)}`,
        )
    }
  }
}

await main(process.argv.slice(2))
