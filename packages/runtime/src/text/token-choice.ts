/** Chooses the next token from a row of logits. */
export type TokenChoice = (logits: Float32Array) => number

/** How tokens are chosen. */
export interface TokenChoiceOptions {
  /** 0 takes the likeliest token. */
  readonly temperature: number
  /** (0, 1] */
  readonly topP: number
  readonly seed: number
}

/** Logits this far (in nats) below the best have a chance under 1e-17 and are not sorted. */
const NEGLIGIBLE = 40

/**
 * Makes a choice that is the same for the same seed and logits.
 * It gives −1 where no logit is a number: the model's numbers broke.
 */
export function tokenChoice({ temperature, topP, seed }: TokenChoiceOptions): TokenChoice {
  if (temperature === 0) return likeliest
  const random = randomNumbers(seed)
  return (logits) => {
    const best = likeliest(logits)
    if (best < 0) return best
    const top = logits[best] ?? 0
    const candidates: { id: number; weight: number }[] = []
    for (let id = 0; id < logits.length; id += 1) {
      const distance = ((logits[id] ?? Number.NaN) - top) / temperature
      if (distance > -NEGLIGIBLE) candidates.push({ id, weight: Math.exp(distance) })
    }
    candidates.sort((a, b) => b.weight - a.weight || a.id - b.id)
    const total = candidates.reduce((sum, { weight }) => sum + weight, 0)
    let kept = 0
    let mass = 0
    while (kept < candidates.length && (kept === 0 || mass < topP * total)) {
      mass += candidates[kept]?.weight ?? 0
      kept += 1
    }
    let draw = random() * mass
    for (const { id, weight } of candidates.slice(0, kept)) {
      draw -= weight
      if (draw < 0) return id
    }
    return candidates[kept - 1]?.id ?? best
  }
}

/** The index of the largest number, the first of equals; −1 where there is none. */
function likeliest(logits: Float32Array): number {
  let best = -1
  let top = Number.NEGATIVE_INFINITY
  for (let id = 0; id < logits.length; id += 1) {
    const logit = logits[id] ?? Number.NaN
    if (logit > top) {
      top = logit
      best = id
    }
  }
  return best
}

/** mulberry32: numbers in [0, 1) from a 32-bit seed; good enough to draw tokens, and the same everywhere. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
