import { describe, expect, it } from '@jest/globals'
import { createProviderCall } from './provider-call.ts'

const stalled = () => new Promise<never>(() => {})

describe('a provider’s call', () => {
  it('records first and aborts then, when the caller aborts', async () => {
    const caller = new AbortController()
    const call = createProviderCall(caller.signal)
    const order: string[] = []
    call.onLeave(async () => void order.push('recorded'))
    call.signal.addEventListener('abort', () => order.push('aborted'))
    const waiting = call.race(stalled())

    caller.abort(new Error('enough'))

    await expect(waiting).rejects.toThrow('enough')
    expect(order).toEqual(['recorded', 'aborted'])
    expect(call.left).toBe(true)
  })

  it('is aborted without anybody having left, when the answer is blocked', async () => {
    const call = createProviderCall(undefined)

    call.abort()

    expect([call.left, call.signal.aborted]).toEqual([false, true])
    await expect(call.race(stalled())).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('is over before it began for a caller that has aborted', async () => {
    const call = createProviderCall(AbortSignal.abort(new Error('early')))

    await expect(call.race(Promise.resolve(1))).rejects.toThrow('early')
  })

  it('hears the caller no more once it is closed', () => {
    const caller = new AbortController()
    const call = createProviderCall(caller.signal)

    call.close()
    caller.abort()

    expect(call.signal.aborted).toBe(false)
  })

  it('leaves once, and survives a record that cannot be stored', async () => {
    const caller = new AbortController()
    const call = createProviderCall(caller.signal)
    let recorded = 0
    call.onLeave(async () => {
      recorded++
      throw new Error('disk full')
    })

    caller.abort()
    await call.leave('again')

    expect(recorded).toBe(1)
  })
})
