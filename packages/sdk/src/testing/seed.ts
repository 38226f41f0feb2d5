/** The seed of property tests: fixed in CI, so that a red run can be repeated; `PARAPET_SEED` chooses another. */
export const SEED: number = Number(process.env['PARAPET_SEED'] ?? 20_261_125)
