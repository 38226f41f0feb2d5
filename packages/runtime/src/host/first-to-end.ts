import { writeFileSync } from 'node:fs'

/**
 * Asks Linux to end this process first where memory runs out: a model file can ask for any amount of it, and what it
 * costs shall be its host and not the app. Raising the score needs no right; other systems have no such file.
 */
export function endFirstWithoutMemory(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000')
  } catch {
    // Not Linux, or a container that hides the file: the system chooses by itself.
  }
}
