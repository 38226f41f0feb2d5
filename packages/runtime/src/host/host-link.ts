import type { FromHost, ToHost } from './protocol.ts'

/** A running host, as the app's process holds it. */
export interface HostLink {
  readonly pid: number | undefined
  say(message: ToHost): void
  /** Ends the host at once, whatever it does. */
  kill(): void
  /** Whether the app's process stays alive for this host. */
  hold(busy: boolean): void
}

/** What a host's owner is told. */
export interface HostEvents {
  said(message: FromHost): void
  /** The host is gone: how, in a few words (`signal SIGKILL`, `exit code 134`). Called once. */
  ended(how: string): void
}

export type StartHost = (events: HostEvents) => HostLink
