import { expect, it } from '@jest/globals'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { guardedMembers } from './guarded-members.ts'
import { JUDGED, PASSED, REFUSED } from './members.ts'

/** Every member that a client has and does not call private, however far up its chain. */
function membersOf(client: object): string[] {
  const names = new Set(Object.keys(client))
  for (let at = Object.getPrototypeOf(client); at !== Object.prototype; at = Object.getPrototypeOf(at))
    for (const name of Object.getOwnPropertyNames(at)) names.add(name)
  return [...names].filter((name) => !name.startsWith('_'))
}

it('says of every member of a client whether it is judged, passes, or is refused', () => {
  const client = new Client({ name: 'app', version: '1' })
  const known: readonly string[] = [...JUDGED, ...PASSED, ...REFUSED]

  const members = membersOf(client)

  expect(members.length).toBeGreaterThan(30)
  expect(members.filter((name) => !known.includes(name))).toEqual([])
  expect(new Set(known).size).toBe(known.length)
})

it('has a function for each member that it says is judged', () => {
  const members = guardedMembers(new Client({ name: 'app', version: '1' }), {} as never)

  expect(Object.keys(members).sort()).toEqual([...JUDGED].sort())
})
