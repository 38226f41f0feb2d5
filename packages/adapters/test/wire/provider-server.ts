import { setupServer } from 'msw/node'

/** Plays providers on the network: whoever calls another address gets an error. */
export const providerServer = setupServer()

let addresses = 0

/** An address of its own for each provider that a test plays. */
export const nextAddress = (): string => `https://provider-${++addresses}.test`
