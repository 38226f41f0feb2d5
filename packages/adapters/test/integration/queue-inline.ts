import { join } from 'node:path'
import { type ReviewStore, type StoreListener, StoreQueue } from '@parapet/sdk'
import { QueueFault } from '@parapet/sdk/review-rules'
import type { OpenQueue } from '@parapet/sdk/testing'
import { type Call, groupCommit } from '../../src/sqlite/group-commit.ts'
import { openDatabase } from '../../src/sqlite/open-database.ts'
import { ReviewDatabase } from '../../src/sqlite/review-database.ts'
import { toFault } from '../../src/sqlite/sqlite-fault.ts'
import { queueFolder } from './queue-file.ts'

/**
 * The SQLite store on the test's own thread: the same transactions and the same group commits, without the thread whose
 * start costs more than all the rest of a short run.
 */
export async function openInlineQueue(options: { readonly now?: () => number }): Promise<OpenQueue> {
  const folder = queueFolder()
  const file = join(folder.path, 'review.db')
  const handles: StoreQueue[] = []
  const open = () => {
    const queue = new StoreQueue(inlineStore(file), options)
    handles.push(queue)
    return queue
  }
  return {
    queue: open(),
    another: async () => open(),
    dispose: async () => {
      await Promise.all(handles.map((queue) => queue.close()))
      folder.remove()
    },
  }
}

function inlineStore(path: string): ReviewStore {
  const options = { path, busyTimeoutMs: 1_000, maxBytes: undefined }
  const database = new ReviewDatabase(openDatabase(options))
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  const calls: Call[] = []
  let numbers = 0
  let listener: StoreListener | undefined
  const commit = () => {
    const { answers, settled } = groupCommit(database, calls.splice(0), (error) => toFault(error, options))
    listener?.settled(settled)
    for (const answer of answers) {
      const call = waiting.get(answer.number)
      waiting.delete(answer.number)
      if ('value' in answer) call?.resolve(answer.value as never)
      else call?.reject(new QueueFault(answer.fault))
    }
  }
  return {
    pollMs: undefined,
    listen: (given) => {
      listener = given
    },
    run: (name, at, input) =>
      new Promise((resolve, reject) => {
        numbers += 1
        waiting.set(numbers, { resolve: resolve as (value: never) => void, reject })
        calls.push({ number: numbers, name, at, input })
        if (calls.length === 1) setImmediate(commit)
      }),
    close: async () => database.database.close(),
  }
}
