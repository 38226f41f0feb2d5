/** Where content is judged, in the order a request meets them. */
export const STAGES = ['input', 'toolResult', 'reasoning', 'toolCall', 'output'] as const

/** Where content is judged: what comes in, what a tool returned, and the three kinds of what a model says. */
export type Stage = (typeof STAGES)[number]
