export { checkSqliteQueue, type SqliteCheck, type SqliteSchema, sqliteSchema } from './inspect.ts'
export { DEFAULT_SQLITE_QUEUE_OPTIONS, type SqliteQueueOptions } from './options.ts'
export type { LogCheck } from './queries/verify-log.ts'
export { type SqliteQueue, sqliteQueue } from './sqlite-queue.ts'
