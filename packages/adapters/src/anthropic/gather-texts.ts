import { isJson, jsonText } from '../wire/json-text.ts'
import { type Shape, type TextPlace, visitTexts } from './shape.ts'

/** The texts of a value, as they are judged together. */
export interface GatheredTexts {
  /** One JSON list of them, in which each that is JSON itself stands decoded. */
  readonly json: string
  readonly count: number
  /** Media types of what is no text. */
  readonly media: readonly string[]
  /** Writes them back as they were released. */
  write(released: string): void
}

/** Gathers the texts of `holder[key]`. @throws PARAPET_ADAPTER_PART_UNKNOWN */
export function gatherTexts(holder: Record<string, unknown>, key: string, shape: Shape): GatheredTexts {
  const places: { readonly place: TextPlace; readonly nested: boolean }[] = []
  const items: string[] = []
  const media: string[] = []
  visitTexts(
    holder,
    key,
    shape,
    {
      text(place, text, value) {
        const json = value || isJson(text)
        places.push({ place, nested: json && !value })
        items.push(json ? text : JSON.stringify(text))
      },
      media: (mediaType) => media.push(mediaType),
    },
    'answer',
  )
  const json = `[${items.join(',')}]`
  return {
    json,
    count: items.length,
    media,
    write(released: string) {
      if (released === json) return
      const texts = JSON.parse(released) as unknown[]
      for (const [index, { place, nested }] of places.entries())
        place.holder[place.key] = nested ? jsonText(texts[index]) : texts[index]
    },
  }
}
