import { expect, test } from '@jest/globals'
import { toMessages } from '@parapet/sdk'
import { conversationTurns } from './conversation-turns.ts'

test('turns alternate and begin with the user, whatever the conversation does', () => {
  const conversation = toMessages([
    { role: 'system', content: 'You sell shoes.' },
    { role: 'assistant', content: 'Welcome.' },
    { role: 'user', content: 'Hello.' },
    { role: 'user', content: 'Anybody there?' },
    { role: 'assistant', content: 'Yes.' },
    { role: 'tool', content: 'stock: 3' },
    { role: 'assistant', content: 'Three are left.' },
  ])

  expect(conversationTurns(conversation)).toEqual([
    { role: 'user', content: 'Hello.\n\nAnybody there?' },
    { role: 'assistant', content: 'Yes.\n\nThree are left.' },
  ])
})

test('only text is read', () => {
  const [turn] = conversationTurns([
    {
      role: 'user',
      parts: [
        { type: 'text', text: 'Look:' },
        { type: 'media', mediaType: 'image/png' },
        { type: 'text', text: 'What is it?' },
      ],
    },
  ])

  expect(turn).toEqual({ role: 'user', content: 'Look:\n\nWhat is it?' })
})
