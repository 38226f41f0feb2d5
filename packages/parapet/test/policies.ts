import { definePolicy, patterns, when } from '../src/index.ts'

/** A policy that every verdict can be had from, without a model: `stop`, `wait` and order numbers. */
export function wordPolicy(version = '1') {
  const words = patterns({
    id: 'words',
    version: '1',
    patterns: [
      { label: 'stop', regex: /\bstop\b/i, maxCharacters: 4 },
      { label: 'wait', regex: /\bwait\b/i, maxCharacters: 4 },
      { label: 'order', regex: /\bORD-\d+/, maxCharacters: 20 },
    ],
  })
  return definePolicy({
    id: 'words',
    version,
    input: {
      rules: [
        when(words, 'stop').found().block(),
        when(words, 'wait').found().review({ mode: 'hold', withinMs: 60_000, waitMs: 0, otherwise: 'block' }),
        when(words, 'order').found().redact({ replacement: '[order]' }),
      ],
      onError: 'block',
      onAbstain: 'flag',
      budgetMs: 5_000,
    },
  })
}
