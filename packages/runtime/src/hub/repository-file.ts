/** A file of a repository at one commit, as the hub lists it. */
export interface RepositoryFile {
  /** Path in the repository, its parts separated by `/`. */
  readonly path: string
  readonly bytes: number
  /** What its bytes must be: the SHA-256 of large files (LFS), git's SHA-1 of a blob of the others. In hexadecimal. */
  readonly digest: { readonly kind: 'sha256' | 'git-sha1'; readonly hex: string }
}

/** Whether a path stays inside its repository, and names a file plainly. */
export function checkRepositoryPath(path: string): boolean {
  return (
    path.length <= 1024 &&
    path.split('/').every((part) => /^[^\\/:*?"<>|\p{Cc}]+$/u.test(part) && part !== '.' && part !== '..')
  )
}

/** The folder that a path lies in, with its `/`; empty for the repository's own. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

/** A path's last part. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
