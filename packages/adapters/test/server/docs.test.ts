import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import {
  DEFAULT_SERVE_OPTIONS,
  DEFAULT_SERVER_OPTIONS,
  DEFAULT_UPSTREAM_OPTIONS,
} from '@parapet/adapters/server'
import { serverUnderTest } from './server-under-test.ts'

const page = readFileSync(join(import.meta.dirname, '../../../../docs/serve.md'), 'utf8')

it('names every option with its default on its page', () => {
  const none = { keys: 'none', queue: 'none', upstream: 'none', tap: 'none', onFault: 'nothing' }
  const options = { ...DEFAULT_SERVER_OPTIONS, ...DEFAULT_SERVE_OPTIONS, ...none }
  const upstream = Object.entries(DEFAULT_UPSTREAM_OPTIONS).map(
    ([name, value]) => [`upstream.${name}`, value] as const,
  )

  for (const [name, value] of [...Object.entries(options), ...upstream])
    expect(page).toMatch(new RegExp(`\\| \`${name.replace('.', '\\.')}\` \\|.*\\| ${value} \\|`))
})

it('names every route on its page', async () => {
  const { get } = await serverUnderTest()
  const { paths } = (await (await get('/openapi.json')).json()) as {
    paths: Record<string, Record<string, unknown>>
  }

  expect(Object.keys(paths).length).toBeGreaterThan(8)
  for (const path of Object.keys(paths)) {
    const base = path.replace(/^\/block-edits/, '')
    expect(page).toContain(base)
  }
})
