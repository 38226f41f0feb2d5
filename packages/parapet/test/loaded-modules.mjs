/** Preloaded by tests: writes every module that was loaded, ES or CommonJS, to the file that LOADED_MODULES names. */
import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const loaded = []

registerHooks({
  load(url, context, nextLoad) {
    loaded.push(url)
    return nextLoad(url, context)
  },
})

process.on('exit', () => writeFileSync(process.env.LOADED_MODULES, JSON.stringify(loaded)))
