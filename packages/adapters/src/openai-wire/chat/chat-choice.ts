import { adapterError } from '../../errors/codes.ts'
import { type Json, listOf, numberOf, objectOf, textOf } from '../json-value.ts'
import type { TextPart } from '../parts.ts'
import { unknownPart } from '../request-slots.ts'
import { type AudioPieces, judgeAudio } from './chat-audio.ts'
import { judgeCalls, type PendingCall } from './chat-calls.ts'
import { judgeAnnotations, judgeImages } from './chat-extras.ts'
import type { ChoiceSetup } from './choice-setup.ts'

/** One choice of an answer while it comes in. */
export interface ChatChoice {
  readonly ended: boolean
  /** Takes a delta of a stream, or the whole message: both have the same members. */
  take(delta: Json): Promise<void>
  /** The choice is whole: what came in pieces is judged. */
  end(reason: string): Promise<void>
}

const malformed = (issue: string) => adapterError('PARAPET_ADAPTER_ANSWER_MALFORMED', { issue })

/**
 * Each kind of text is one part of the choice, from its first piece to its end, whatever stands between its pieces: a
 * caller puts the pieces together, and what they say together is what must be judged.
 */
export function createChatChoice(index: number, setup: ChoiceSetup): ChatChoice {
  const { parts, writer, structured } = setup
  const group = `choice ${index}`
  const texts = new Map<string, TextPart>()
  const calls = new Map<number, PendingCall>()
  const legacy: PendingCall = { index: -1, id: undefined, type: 'function', name: '', text: '' }
  const audio: AudioPieces = { id: undefined, data: [], transcript: [], expiresAt: undefined }
  const annotations: unknown[] = []
  const images: unknown[] = []
  let ended = false

  function open(member: 'content' | 'refusal' | 'reasoning_content'): TextPart {
    const known = texts.get(member)
    if (known) return known
    const plain = member !== 'refusal' && index === 0
    const part = parts.text({
      stage: member === 'reasoning_content' ? 'reasoning' : 'output',
      group,
      json: structured && member === 'content',
      joined: false,
      take: (text) => writer.text(index, member, text),
      ...(plain ? {} : { origin: { kind: 'text', choice: index, member } }),
    })
    texts.set(member, part)
    return part
  }

  async function takeText(member: Parameters<typeof open>[0], value: unknown): Promise<void> {
    if (value === undefined || value === null || value === '') return
    if (typeof value === 'string') return parts.push(open(member), value)
    // A list of parts: no provider's text that this version can read.
    throw unknownPart(objectOf(listOf(value)[0])['type'], 'answer')
  }

  function takeCall(given: unknown, place: number): void {
    const delta = objectOf(given)
    const own = objectOf(delta['function'] ?? delta['custom'])
    const at = delta['index'] === undefined ? place : numberOf(delta['index'])
    if (at === undefined || !Number.isInteger(at) || at < 0 || at > 1_023)
      throw malformed('a tool call has no index')
    const id = textOf(delta['id'])
    const call = calls.get(at) ?? { index: at, id, type: 'function', name: '', text: '' }
    if (id && call.id && id !== call.id) throw malformed('two tool calls have one index')
    calls.set(at, call)
    call.id ||= id
    const type = delta['type'] ?? (delta['custom'] === undefined ? call.type : 'custom')
    if (type !== 'function' && type !== 'custom') throw unknownPart(type, 'answer')
    call.type = type
    call.name += textOf(own['name']) ?? ''
    const text = own[type === 'custom' ? 'input' : 'arguments']
    if (text !== undefined && text !== null && typeof text !== 'string')
      throw malformed('the arguments of a tool call are no text')
    call.text += text ?? ''
  }

  function takeAudio(given: unknown): void {
    if (isEmpty(given)) return
    const { id, data, transcript, expires_at: expiresAt } = objectOf(given)
    audio.id ??= textOf(id)
    audio.data.push(textOf(data) ?? '')
    audio.transcript.push(textOf(transcript) ?? '')
    audio.expiresAt ??= numberOf(expiresAt)
  }

  return {
    get ended() {
      return ended
    },

    async take(delta) {
      if (ended && Object.entries(delta).some(([name, value]) => name !== 'role' && !isEmpty(value)))
        throw malformed('a choice goes on after its end')
      // Compatible providers call it by either name, and some by both at once.
      if (isEmpty(delta['reasoning_content']) && !isEmpty(delta['reasoning'])) writer.reasonsAs('reasoning')
      await takeText('reasoning_content', delta['reasoning_content'] ?? delta['reasoning'])
      await takeText('content', delta['content'])
      await takeText('refusal', delta['refusal'])
      for (const [place, call] of listOf(delta['tool_calls']).entries()) takeCall(call, place)
      const { name, arguments: text } = objectOf(delta['function_call'])
      legacy.name += textOf(name) ?? ''
      legacy.text += textOf(text) ?? ''
      takeAudio(delta['audio'])
      annotations.push(...listOf(delta['annotations']))
      images.push(...listOf(delta['images']))
    },

    async end(reason) {
      if (ended) return
      ended = true
      for (const member of ['reasoning_content', 'content', 'refusal'] as const) {
        const part = texts.get(member)
        if (part) await parts.end(part)
      }
      await judgeAudio(audio, index, setup)
      await judgeImages(images, index, setup)
      await judgeAnnotations(annotations, index, { ...setup, of: texts.get('content') })
      const pending = [...calls.values()].sort((a, b) => a.index - b.index)
      await judgeCalls(legacy.name || legacy.text ? [...pending, legacy] : pending, index, setup)
      writer.reason(index, reason)
    },
  }
}

const isEmpty = (value: unknown) =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
