/** What the guard does with a call, by its method and path. */
export type Route =
  | { readonly kind: 'chat' | 'responses' | 'passed' }
  /** `route` names it without what a caller put into the path. */
  | { readonly kind: 'refused'; readonly route: string }

/**
 * Routes that give no text of a model: numbers, lists, what became of bytes that a person sent. What is not here and not
 * guarded is refused, so that a route of tomorrow does not pass by being unknown.
 */
const PASSED: readonly { readonly method: RegExp; readonly path: RegExp }[] = [
  { method: /^GET$/, path: /\/models(\/[^/]+){0,3}$/ },
  { method: /^DELETE$/, path: /\/models\/[^/]+$/ },
  { method: /^POST$/, path: /\/(embeddings|moderations|responses\/input_tokens)$/ },
  { method: /^(GET|POST)$/, path: /\/(files|uploads|vector_stores)$/ },
  { method: /^(GET|DELETE)$/, path: /\/(files|vector_stores)\/[^/]+$/ },
  { method: /^POST$/, path: /\/uploads\/[^/]+\/(parts|complete|cancel)$/ },
  { method: /^DELETE$/, path: /\/(responses|chat\/completions)\/[^/]+$/ },
]

/** What a refused route is called in an error: the words of the API in its path, and nothing a caller wrote. */
const KNOWN_WORDS =
  /^(v\d+|openai|chat|completions|responses|conversations|items|input_items|compact|assistants|threads|runs|messages|batches|realtime|live|audio|speech|transcriptions|translations|images|generations|edits|variations|videos|files|content|evals|fine_tuning|jobs|containers|agents|chatkit|skills|models|search)$/

const routeName = (method: string, path: string): string =>
  `${/^[A-Z]{1,10}$/.test(method) ? method : '?'} ${path
    .split('/')
    .map((word) => (word === '' || KNOWN_WORDS.test(word) ? word : '…'))
    .join('/')}`

/** Finds the route of a call. By the end of the path: base URLs differ, also by what stands before `/v1`. */
export function routeOf(method: string, url: string, passRoutes: readonly string[]): Route {
  const { pathname } = new URL(url)
  const verb = method.toUpperCase()
  if (verb === 'POST' && pathname.endsWith('/chat/completions')) return { kind: 'chat' }
  if (verb === 'POST' && pathname.endsWith('/responses')) return { kind: 'responses' }
  const passed =
    PASSED.some((route) => route.method.test(verb) && route.path.test(pathname)) ||
    passRoutes.some((end) => pathname.endsWith(`/${end}`))
  return passed ? { kind: 'passed' } : { kind: 'refused', route: routeName(verb, pathname) }
}
