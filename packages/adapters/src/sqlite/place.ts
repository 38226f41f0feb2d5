/** Conditions on a row of `review_item`, and the values for their question marks. */
export interface Place {
  readonly conditions: string[]
  readonly values: (string | number)[]
}

/** Whose items, and for whom: all of them where nothing is named. Each combination has an index of its own. */
export function placeOf(filter: {
  readonly tenant: string | undefined
  readonly team: string | undefined
}): Place {
  const conditions: string[] = []
  const values: string[] = []
  if (filter.tenant !== undefined) {
    conditions.push('review_item.tenant = ?')
    values.push(filter.tenant)
  }
  if (filter.team !== undefined) {
    conditions.push('team = ?')
    values.push(filter.team)
  }
  return { conditions, values }
}
