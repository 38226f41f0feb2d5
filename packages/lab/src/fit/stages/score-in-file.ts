import { z } from 'zod'

/** A score in an artefact. JSON has no NaN: a number that is not finite is written as null. */
export const scoreInFile = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN)
