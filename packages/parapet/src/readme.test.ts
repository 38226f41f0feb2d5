import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'

/** Code without its layout, which differs between a page and a formatter. */
const withoutLayout = (code: string) => code.replace(/\s+/g, '').replace(/,(?=[)\]}])/g, '')

it('the compiler checks the very example that the README shows', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8')
  const checked = readFileSync(join(import.meta.dirname, 'readme.test-d.ts'), 'utf8')

  const [, example = ''] = /```ts\n(.*?)```/s.exec(readme) ?? []
  const [, statements = ''] = /(const policy = .*?)\nconst model = /s.exec(example) ?? []

  expect(statements).toContain('definePolicy({')
  expect(withoutLayout(checked)).toContain(withoutLayout(statements))
})
