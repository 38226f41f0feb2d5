import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'

/** Members of provider options that make a call do something at the provider, and what that is called. */
const EFFECTS: Readonly<Record<string, string>> = {
  previousResponseId: 'stored',
  conversation: 'stored',
  background: 'stored',
  mcpServers: 'mcp',
  container: 'provider-tool',
}

/**
 * What a call does at its provider besides being answered: tools that the provider has or runs, MCP servers that it
 * calls, responses that it stores. A model of a responses interface stores them unless it is told not to.
 */
export function effectsOf(
  { tools = [], providerOptions = {} }: LanguageModelV4CallOptions,
  { provider }: Pick<LanguageModelV4, 'provider'>,
): string[] {
  const options = Object.entries(providerOptions).flatMap(([name, members]) =>
    name === 'parapet' ? [] : [members],
  )
  const named = options.flatMap((members) =>
    Object.entries(members).flatMap(([key, value]) =>
      Object.hasOwn(EFFECTS, key) && value !== undefined && value !== null && value !== false
        ? [EFFECTS[key] as string]
        : [],
    ),
  )
  const stores =
    options.some(({ store }) => store === true) ||
    (/\.responses$/.test(provider) && !options.some(({ store }) => store === false))
  return [
    ...(tools.some(({ type }) => type === 'provider') ? ['provider-tool'] : []),
    ...named,
    ...(stores ? ['stored'] : []),
  ]
}
