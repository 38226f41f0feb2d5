const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** Waits to be asked to stop. The first signal asks; the second one ends the process as it would have without us. */
export function stopSignal(): { readonly asked: Promise<void>; forget(): void } {
  let ask: () => void = () => undefined
  const asked = new Promise<void>((resolve) => {
    ask = resolve
  })
  const forget = () => {
    for (const signal of SIGNALS) process.off(signal, hear)
  }
  const hear = () => {
    forget()
    ask()
  }
  for (const signal of SIGNALS) process.on(signal, hear)
  return { asked, forget }
}
