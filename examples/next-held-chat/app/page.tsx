'use client'

import { type FormEvent, useCallback, useEffect, useRef, useState } from 'react'
import { followHeld } from '../lib/follow-held.ts'

interface Line {
  readonly who: 'you' | 'shop' | 'note'
  readonly text: string
}

/** Where the ticket is kept, so that a page that is loaded anew goes on waiting. */
const TICKET = 'held-ticket'

export default function Page() {
  const [lines, setLines] = useState<readonly Line[]>([])
  const [ticket, setTicket] = useState<string>()
  const [mayAppeal, setMayAppeal] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const say = useCallback((who: Line['who'], text: string) => setLines((all) => [...all, { who, text }]), [])

  const wait = useCallback((held: string | undefined) => {
    if (held === undefined) sessionStorage.removeItem(TICKET)
    else sessionStorage.setItem(TICKET, held)
    setTicket(held)
  }, [])

  useEffect(() => setTicket(sessionStorage.getItem(TICKET) ?? undefined), [])

  useEffect(() => {
    if (ticket === undefined) return
    const leaving = new AbortController()
    followHeld(ticket, { signal: leaving.signal }).then(
      (end) => {
        if (end.state === 'answer') say('shop', end.text)
        else say('note', end.state === 'denied' ? end.message : 'This answer is not there any more.')
        if (end.state === 'denied' && end.mayAppeal) setMayAppeal(true)
        else wait(undefined)
      },
      // Nobody looks any more.
      () => {},
    )
    return () => leaving.abort()
  }, [ticket, say, wait])

  async function post(path: string, body: object): Promise<Readonly<Record<string, string>> | undefined> {
    const response = await fetch(path, { method: 'POST', body: JSON.stringify(body) }).catch(() => undefined)
    if (response?.ok) return (await response.json()) as Record<string, string>
    say('note', 'That did not work. Try again.')
    return undefined
  }

  async function ask(event: FormEvent) {
    event.preventDefault()
    const prompt = input.current?.value ?? ''
    if (input.current) input.current.value = ''
    say('you', prompt)
    const reply = await post('/api/chat', { prompt, requestId: crypto.randomUUID() })
    if (!reply) return
    say(reply['state'] === 'answer' ? 'shop' : 'note', reply['text'] ?? reply['message'] ?? '')
    if (reply['ticket'] !== undefined) wait(reply['ticket'])
  }

  async function askAgain(event: FormEvent) {
    event.preventDefault()
    const statement = input.current?.value ?? ''
    const held = ticket
    if (!(await post('/api/appeal', { ticket: held, statement }))) return
    if (input.current) input.current.value = ''
    setMayAppeal(false)
    say('note', 'Somebody else looks at it.')
    // The same ticket, followed anew.
    setTicket(undefined)
    setTimeout(() => setTicket(held))
  }

  return (
    <main>
      <ul aria-live="polite">
        {lines.map(({ who, text }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end
          <li key={index} className={who}>
            {text}
          </li>
        ))}
      </ul>
      <form onSubmit={(event) => void (mayAppeal ? askAgain : ask)(event)}>
        <input ref={input} required maxLength={2_000} aria-label={mayAppeal ? 'Why?' : 'Question'} />
        <button type="submit" disabled={ticket !== undefined && !mayAppeal}>
          {mayAppeal ? 'Ask for another look' : 'Ask'}
        </button>
      </form>
    </main>
  )
}
