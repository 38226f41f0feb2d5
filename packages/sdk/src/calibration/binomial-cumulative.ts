/** P(X ≤ hits) of a binomial, summed from its largest term down, in logarithms so that no term underflows before its time. */
export function binomialCumulative(hits: number, n: number, p: number): number {
  const odds = Math.log(p) - Math.log1p(-p)
  let logTerm = n * Math.log1p(-p)
  let largest = logTerm
  const terms = [logTerm]
  for (let k = 1; k <= hits; k++) {
    logTerm += Math.log((n - k + 1) / k) + odds
    largest = Math.max(largest, logTerm)
    terms.push(logTerm)
  }
  const sum = terms.reduce((total, term) => total + Math.exp(term - largest), 0)
  return Math.min(1, Math.exp(largest) * sum)
}
