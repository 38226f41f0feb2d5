import { knownMediaType } from '../../answer/known-forms.ts'
import { objectOf, textOf } from '../json-value.ts'
import { judgedAnnotation } from '../judged-annotation.ts'
import type { TextPart } from '../parts.ts'
import { unknownPart } from '../request-slots.ts'
import type { ChoiceSetup } from './choice-setup.ts'

/** Judges what an answer cites. Places in a text that was edited are left out: they point nowhere. */
export async function judgeAnnotations(
  annotations: readonly unknown[],
  choice: number,
  { parts, writer, of }: ChoiceSetup & { readonly of: TextPart | undefined },
): Promise<void> {
  for (const given of annotations) {
    const { type } = objectOf(given)
    if (type !== 'url_citation') throw unknownPart(type, 'answer')
    const citation = judgedAnnotation(objectOf(objectOf(given)['url_citation']))
    await parts.whole(
      { stage: 'output', text: citation.text, json: true, origin: { kind: 'annotation', choice } },
      {
        group: `choice ${choice}`,
        take: (text) =>
          writer.annotation(choice, {
            type: 'url_citation',
            url_citation: citation.restore(text, { placed: of?.watch.edited === false }),
          }),
      },
    )
  }
}

const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+);base64,[A-Za-z0-9+/=]*$/

/** Images that compatible providers put into a message. One that is a link is judged as the text that it is, too. */
export async function judgeImages(
  images: readonly unknown[],
  choice: number,
  { parts, writer }: ChoiceSetup,
): Promise<void> {
  const group = `choice ${choice}`
  for (const given of images) {
    const image = objectOf(given)
    if (image['type'] !== 'image_url') throw unknownPart(image['type'], 'answer')
    let url = textOf(objectOf(image['image_url'])['url']) ?? ''
    const inline = DATA_URL.exec(url)?.[1]
    if (inline === undefined)
      await parts.whole(
        { stage: 'output', text: JSON.stringify(url), json: true, origin: { kind: 'annotation', choice } },
        {
          group,
          take: (text) => {
            url = String(JSON.parse(text))
          },
        },
      )
    await parts.whole(
      { stage: 'output', media: knownMediaType(inline ?? 'image/*'), origin: { kind: 'media', choice } },
      { group, take: () => writer.image(choice, { type: 'image_url', image_url: { url } }) },
    )
  }
}
