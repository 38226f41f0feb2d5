import type { ResolvedHubModel } from './hub-options.ts'
import type { RepositoryFile } from './repository-file.ts'

const TELL_EVERY_MS = 100

/** Adds up what has come of a model's files, and tells of it. */
export interface DownloadProgress {
  /** Sets which files belong to the model. */
  expect(files: readonly RepositoryFile[]): void
  /** So many bytes of this file are here now. */
  report(file: RepositoryFile, bytes: number): void
}

export function downloadProgress({ onProgress }: Pick<ResolvedHubModel, 'onProgress'>): DownloadProgress {
  const here = new Map<string, number>()
  let totalBytes = 0
  let toldAt = Number.NEGATIVE_INFINITY
  return {
    expect(files) {
      totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0)
    },
    report(file, fileBytes) {
      here.set(file.path, fileBytes)
      const now = performance.now()
      if (fileBytes < file.bytes && now - toldAt < TELL_EVERY_MS) return
      toldAt = now
      const bytes = [...here.values()].reduce((sum, part) => sum + part, 0)
      onProgress({ file: file.path, fileBytes, fileTotalBytes: file.bytes, bytes, totalBytes })
    },
  }
}
