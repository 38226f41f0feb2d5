/** Bytes as megabytes of 1,000,000 bytes, as disks and weights are counted. */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
