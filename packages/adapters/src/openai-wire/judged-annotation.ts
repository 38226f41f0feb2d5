import { matching, NAME } from '../answer/known-forms.ts'
import { type Json, numberOf } from './json-value.ts'

/** Members of a citation that are text, of any kind of citation. */
const TEXTS = ['title', 'url', 'filename'] as const
const NAMES = ['type', 'file_id', 'container_id'] as const
const PLACES = ['start_index', 'end_index', 'index'] as const

/** A citation as the text that is judged, and back. */
export interface JudgedAnnotation {
  readonly text: string
  /** @param placed whether the text it points into is as it was */
  restore(released: string, options: { readonly placed: boolean }): Json
}

export function judgedAnnotation(annotation: Json): JudgedAnnotation {
  const texts = Object.fromEntries(
    TEXTS.flatMap((name) => (typeof annotation[name] === 'string' ? [[name, annotation[name]]] : [])),
  )
  return {
    text: JSON.stringify(texts),
    restore(released, { placed }) {
      const names = NAMES.flatMap((name) => {
        const value = matching(NAME, annotation[name])
        return value === undefined ? [] : [[name, value]]
      })
      const places = PLACES.flatMap((name) => {
        const value = numberOf(annotation[name])
        return value === undefined || !placed ? [] : [[name, value]]
      })
      return { ...Object.fromEntries([...names, ...places]), ...(JSON.parse(released) as Json) }
    },
  }
}
