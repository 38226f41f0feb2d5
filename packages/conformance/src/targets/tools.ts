import { guardTools } from '@parapet/adapters/tools'
import { kitGuard } from './kit-guard.ts'
import { toolApp } from './tool-app.ts'

/** A guarded function as a tool. */
export const tools = toolApp({
  name: 'parapet/tools',
  how: "guardTools around a function, with `onBlock: 'throw'` (docs/adapters/tools.md)",
  async open(setup, run) {
    const guard = kitGuard(setup)
    const { note } = guardTools(guard, { note: async (input: unknown) => run(input) }, { onBlock: 'throw' })
    return { call: (input) => note(input), close: () => guard.close() }
  },
})
