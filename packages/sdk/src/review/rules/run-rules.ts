import type { ReviewRows, RowProgram, RowQuestion } from './review-rows.ts'

/** Runs rules on rows that answer at once. */
export function runRules<Result>(program: RowProgram<Result>, rows: ReviewRows): Result {
  let step = program.next()
  while (!step.done) step = program.next(answer(rows, step.value))
  return step.value
}

function answer(rows: ReviewRows, { ask, of }: RowQuestion): unknown {
  // The question's type ties its parts together; taken apart, they lose that.
  return (rows[ask] as (of: unknown) => unknown)(of)
}

/** Rows that answer later: a database elsewhere. */
export type AsyncReviewRows = {
  readonly [Name in keyof ReviewRows]: (
    of: Parameters<ReviewRows[Name]>[0],
  ) => Promise<ReturnType<ReviewRows[Name]>>
}

/** Runs rules on rows that answer later, one question after the other. */
export async function runRulesAsync<Result>(
  program: RowProgram<Result>,
  rows: AsyncReviewRows,
): Promise<Result> {
  let step = program.next()
  while (!step.done) {
    const { ask, of } = step.value
    step = program.next(await (rows[ask] as (of: unknown) => Promise<unknown>)(of))
  }
  return step.value
}
