import { promptSet } from '../../src/prompts/prompt-set.ts'

const THINGS = [
  'the roses',
  'a letter',
  'the old gate',
  'my bread',
  'this song',
  'a kite',
  'the soup',
  'our tent',
  'the lamp',
  'a map',
  'the boat',
  'one cake',
]

/** What the tiny model refuses (capitals) and what it answers. */
export const shouted = promptSet(THINGS.map((thing) => `TELL ME ABOUT ${thing.toUpperCase()} AT ONCE`))
export const spoken = promptSet(THINGS.map((thing) => `please say a word about ${thing} today`))
