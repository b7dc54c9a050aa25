import { createRequire } from 'node:module'
import { type BatchFiles, openBatchFiles } from './batch-files.ts'
import { insertFromFile, isText, type Statement, withSettings } from './statement.ts'

/** The little of chDB that is used here; its own types would make the build depend on the optional package. */
interface ChdbResult {
  readonly elapsed: number
  readonly rowsRead: number
  readonly bytesRead: number
  bytes(): Uint8Array
}
interface ChdbSession {
  queryAsync(query: string, options?: { format?: string }): Promise<ChdbResult>
  queryBindAsync(query: string, parameters: object, options?: { format?: string }): Promise<ChdbResult>
  insert(parameters: {
    table: string
    columns?: readonly string[]
    format: string
    values: Uint8Array
    settings: Readonly<Record<string, string>>
  }): Promise<{ readonly rowsWritten: number; readonly bytesWritten: number; readonly elapsed: number }>
  close(): void
}
interface Chdb {
  Session: new (folder: string, options: { connectionArgs: readonly string[] }) => ChdbSession
}

/** What a statement gave: the bytes of its output and the counts that ClickHouse's `X-ClickHouse-Summary` carries. */
export interface Outcome {
  readonly body: Uint8Array
  readonly readRows: number
  readonly readBytes: number
  readonly writtenRows: number
  readonly writtenBytes: number
}

const nothing: Outcome = {
  body: new Uint8Array(),
  readRows: 0,
  readBytes: 0,
  writtenRows: 0,
  writtenBytes: 0,
}

/** chDB on a data folder. One per process, and a process of its own. */
export interface ChdbEngine {
  run(statement: Statement): Promise<Outcome>
  close(): Promise<void>
}

/** Raised on start when the optional package is not there. */
export class ChdbMissing extends Error {}

/** @throws ChdbMissing, or Error when the folder cannot be opened; the cause is then on standard error, by the engine */
export function openChdb(folder: string, memoryBytesMax: number): ChdbEngine {
  const { Session } = loadChdb()
  const options = { connectionArgs: [`--max_server_memory_usage=${memoryBytesMax}`] }
  // A session runs one query at a time: a heavy read must not hold up the ingest, so each has its own.
  const writer = serial(new Session(folder, options))
  const reader = serial(new Session(folder, options))
  const files = openBatchFiles(folder)
  return {
    run: (statement) =>
      (statement.kind === 'read' ? reader : writer).run((session) => execute(session, statement, files)),
    async close() {
      await Promise.all([writer.close(), reader.close()])
    },
  }
}

function loadChdb(): Chdb {
  const require = createRequire(import.meta.url)
  try {
    require.resolve('chdb')
  } catch (error) {
    throw new ChdbMissing((error as Error).message)
  }
  return require('chdb') as Chdb
}

/** Queues calls, because a session that is busy blocks a thread of the pool for each call that waits in it. */
function serial(session: ChdbSession) {
  let tail: Promise<unknown> = Promise.resolve()
  return {
    run<T>(call: (session: ChdbSession) => Promise<T>): Promise<T> {
      const result = tail.then(() => call(session))
      tail = result.catch(() => undefined)
      return result
    },
    async close() {
      await tail
      session.close()
    },
  }
}

type Insert = Extract<Statement, { kind: 'insert' }>

async function execute(session: ChdbSession, statement: Statement, files: BatchFiles): Promise<Outcome> {
  if (statement.kind !== 'insert') return query(session, statement)
  return isText(statement) ? insertText(session, statement) : insertBinary(session, statement, files)
}

async function insertText(session: ChdbSession, statement: Insert): Promise<Outcome> {
  const { table, columns, format, values, settings } = statement
  const written = await session.insert({ table, ...(columns ? { columns } : {}), format, values, settings })
  const { rowsWritten, bytesWritten } = written
  return { ...nothing, writtenRows: rowsWritten, writtenBytes: bytesWritten }
}

/** chDB cuts the inline data of a statement at an empty line, which binary rows may hold; a file it reads whole. */
async function insertBinary(session: ChdbSession, statement: Insert, files: BatchFiles): Promise<Outcome> {
  const { values } = statement
  const { rowsRead } = await files.lend(values, (path) => session.queryAsync(insertFromFile(statement, path)))
  return { ...nothing, writtenRows: rowsRead, writtenBytes: values.length }
}

async function query(
  session: ChdbSession,
  statement: Exclude<Statement, { kind: 'insert' }>,
): Promise<Outcome> {
  const sql = withSettings(statement)
  const options = { format: statement.format }
  const bound = Object.keys(statement.parameters).length > 0
  const result = bound
    ? await session.queryBindAsync(sql, statement.parameters, options)
    : await session.queryAsync(sql, options)
  return {
    ...nothing,
    body: result.bytes(),
    readRows: result.rowsRead,
    readBytes: result.bytesRead,
  }
}
