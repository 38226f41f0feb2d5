import { knownMediaType } from '../../answer/known-forms.ts'
import type { ChoiceSetup } from './choice-setup.ts'

/** What a choice says aloud, while it comes in. */
export interface AudioPieces {
  id: string | undefined
  readonly data: string[]
  readonly transcript: string[]
  expiresAt: number | undefined
}

/** Judges what was said by its transcript. The sound goes to `onAbstain`, and stays back where its transcript was edited. */
export async function judgeAudio(
  { id, data, transcript, expiresAt }: AudioPieces,
  choice: number,
  { parts, writer, audioFormat, idOf }: ChoiceSetup,
): Promise<void> {
  const group = `choice ${choice}`
  const [said, sound] = [transcript.join(''), data.join('')]
  if (id === undefined && said === '' && sound === '') return
  let released = ''
  const text = parts.text({
    stage: 'output',
    group,
    joined: false,
    origin: { kind: 'text', choice, member: 'transcript' },
    take: (piece) => {
      released += piece
    },
  })
  await parts.push(text, said)
  await parts.end(text)
  const origin = { kind: 'media', choice }
  const format = knownMediaType(`audio/${audioFormat}`)
  await parts.whole(
    // Without sound there is nothing that nobody can read.
    sound === '' ? { stage: 'output', text: '', origin } : { stage: 'output', media: format, origin },
    {
      group,
      take: () =>
        writer.audio(choice, {
          id: idOf(id),
          transcript: released,
          ...(sound !== '' && released === said ? { data: sound } : {}),
          ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
        }),
    },
  )
}
