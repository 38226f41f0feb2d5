/** Characters of a foreign name that a message shows at most. */
const MOST_CHARACTERS = 60

/**
 * A name that a stranger gave (a tensor of a graph, a file of a repository), fit for a message: plain characters alone,
 * and few of them. A model file may call a tensor whatever it likes, control characters of a terminal included.
 */
export function shownName(name: string): string {
  const plain = name.slice(0, MOST_CHARACTERS + 1).replaceAll(/[^A-Za-z0-9._/:@#-]/g, '?')
  return plain.length > MOST_CHARACTERS ? `${plain.slice(0, MOST_CHARACTERS)}…` : plain
}
