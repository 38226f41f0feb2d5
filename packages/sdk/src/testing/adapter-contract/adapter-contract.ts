import type { AdapterContractCase, AdapterDriver } from './driver.ts'
import { faultCases } from './fault-cases.ts'
import { holdCases } from './hold-cases.ts'
import { inputCases } from './input-cases.ts'
import { outputCases } from './output-cases.ts'
import { parityCases } from './parity-cases.ts'
import { partCases } from './part-cases.ts'
import { speculationCases } from './speculation-cases.ts'

/**
 * What every provider adapter guarantees, as a list of cases for any test runner:
 * `for (const { name, run } of adapterContract(driver)) it(name, run)`. Which cases there are follows the adapter's
 * capability table: what it says is judged, refused or abstained from is tested to be so.
 */
export function adapterContract(driver: AdapterDriver): readonly AdapterContractCase[] {
  return [
    ...inputCases(driver),
    ...outputCases(driver),
    ...partCases(driver),
    ...holdCases(driver),
    ...faultCases(driver),
    ...speculationCases(driver),
    ...parityCases(driver),
  ]
}
