import { wordPolicy } from './policies.ts'

/** A policy as a user's module gives it to the command. */
export default wordPolicy()
