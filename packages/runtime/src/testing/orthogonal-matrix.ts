import { seededFloats } from './onnx-builder.ts'

/** A rotation of `size` dimensions, row-major, the same for each seed: random columns made orthonormal (Gram and Schmidt). */
export function orthogonalMatrix(size: number, seed: number): Float32Array {
  const random = seededFloats(seed * 7919 + 13, size * size, 1)
  const columns: Float64Array[] = []
  for (let column = 0; column < size; column++) {
    const vector = Float64Array.from({ length: size }, (_, row) => random[row * size + column] ?? 0)
    // Twice is enough for double precision (Kahan and Parlett).
    for (let pass = 0; pass < 2; pass++) {
      for (const earlier of columns) {
        const along = dot(vector, earlier)
        for (let row = 0; row < size; row++) vector[row] = (vector[row] ?? 0) - along * (earlier[row] ?? 0)
      }
    }
    const length = Math.sqrt(dot(vector, vector))
    columns.push(vector.map((value) => value / length))
  }
  return Float32Array.from({ length: size * size }, (_, index) => {
    return columns[index % size]?.[Math.floor(index / size)] ?? 0
  })
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}
