const VERBS = ['open', 'paint', 'carry', 'mend', 'wash', 'draw', 'fold', 'sell']
const THINGS = ['the drawer', 'a blue door', 'the old map', 'my bicycle', 'the kettle', 'a paper hat']

/** Mild requests, each once. */
export const requests: readonly string[] = VERBS.flatMap((verb) =>
  THINGS.map((thing) => `${verb} ${thing} for me`),
)

/** The same number of other requests in capitals, which the model of the tests refuses. */
export const shouted: readonly string[] = VERBS.flatMap((verb) =>
  THINGS.map((thing) => `${verb} ${thing} right now`.toUpperCase()),
)
