import { afterEach, expect, it } from '@jest/globals'
import { checkServices } from './check-services.ts'

const given = process.env['OPENAI_API_KEY']
afterEach(() => {
  if (given === undefined) delete process.env['OPENAI_API_KEY']
  else process.env['OPENAI_API_KEY'] = given
})

const keyFinding = () => checkServices().find(({ what }) => what === 'key OPENAI_API_KEY')

it('says that a key is set, and never what it is', () => {
  process.env['OPENAI_API_KEY'] = 'sk-canary'

  expect(keyFinding()).toMatchObject({ state: 'ok', detail: expect.stringContaining('moderation') })
  expect(JSON.stringify(checkServices())).not.toContain('canary')
})

it('takes an empty key for none, and none for nothing that is wrong', () => {
  process.env['OPENAI_API_KEY'] = ''

  expect(keyFinding()).toMatchObject({ state: 'absent', mend: 'export OPENAI_API_KEY=…' })
})
