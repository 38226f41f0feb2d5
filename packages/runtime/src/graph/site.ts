/** A place in a decoder: the residual stream entering block `L`. The same spelling everywhere: files, graphs, reports. */
export type Site = `blocks.${number}.hook_resid_pre`

/**
 * A token position of a prompt: `last` is the last token of the whole prompt (the template's tail included),
 * `last-instruction` the last token of the last user message's text, a number an index (negative: from the end).
 */
export type Position = 'last' | 'last-instruction' | number

/** Where one row of activations is read. */
export interface ReadSite {
  readonly site: Site
  readonly position: Position
}

/** The block that a site enters, or `undefined` where the spelling is not that of a site. */
export function blockOf(site: string): number | undefined {
  const found = /^blocks\.(\d{1,4})\.hook_resid_pre$/.exec(site)
  return found ? Number(found[1]) : undefined
}

/** The residual stream entering block `block`, counted from 0. */
export function residPre(block: number): Site {
  return `blocks.${block}.hook_resid_pre`
}
