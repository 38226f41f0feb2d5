export { type PromptSet, promptSet } from './prompt-set.ts'
export { readPrompts } from './read-prompts.ts'
