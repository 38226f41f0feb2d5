/** Tells a listener of the app about something. One that fails must not put its own error in the place of the call's. */
export function tell(listener: (value: unknown) => void, value: unknown): void {
  try {
    listener(value)
  } catch {
    // Its own fault, and its own business.
  }
}
