/** Preloaded by tests: the clients that adapters guard, and the server's, cannot be found. */
import { registerHooks } from 'node:module'

const CLIENTS =
  /^(ai|@ai-sdk\/.+|openai|@anthropic-ai\/sdk|@huggingface\/inference|@modelcontextprotocol\/sdk|hono|@hono\/.+)(\/|$)/

registerHooks({
  resolve(specifier, context, next) {
    if (!CLIENTS.test(specifier)) return next(specifier, context)
    throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: 'ERR_MODULE_NOT_FOUND' })
  },
})
