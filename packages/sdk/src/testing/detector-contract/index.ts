export {
  type DetectorContractCase,
  type DetectorContractOptions,
  detectorContract,
} from './detector-contract.ts'
