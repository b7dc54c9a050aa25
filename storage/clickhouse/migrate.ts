import type { ClickHouseClient } from '@clickhouse/client'
import { AnalyticsError } from './analytics-error.ts'
import { createMigrationTable, migrations } from './schema/migrations.ts'

/** The oldest server whose SQL the schema and the queries were written for. */
export const serverVersionMin = '24.3'

/** Brings the tables to the newest schema version; refuses servers too old and schemas too new. */
export async function migrate(client: ClickHouseClient, database: string, where: string): Promise<void> {
  const [server] = await rows<{ version: string }>(client, 'SELECT version() AS version')
  if (olderThan(server?.version ?? '0', serverVersionMin)) {
    const problem = `ClickHouse at ${where} has version ${server?.version}, and Picket needs ${serverVersionMin}`
    throw new AnalyticsError('version', `${problem} or newer: upgrade it`)
  }
  await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` })
  await client.command({ query: createMigrationTable(database) })
  const found = await schemaVersion(client, database)
  if (found > migrations.length) {
    const problem = `database ${database} at ${where} has schema version ${found}, written by a newer Picket`
    const advice = 'upgrade Picket, or name another database'
    throw new AnalyticsError('version', `${problem}; this one knows ${migrations.length}: ${advice}`)
  }
  for (const [index, statements] of migrations.entries()) {
    if (index < found) continue
    for (const query of statements(database)) await client.command({ query })
    await client.insert({
      table: `${database}.schema_versions`,
      format: 'JSONEachRow',
      values: [{ version: index + 1 }],
      clickhouse_settings: { async_insert: 0 },
    })
  }
}

async function schemaVersion(client: ClickHouseClient, database: string): Promise<number> {
  const [newest] = await rows<{ version: number }>(
    client,
    `SELECT max(version) AS version FROM ${database}.schema_versions`,
  )
  return Number(newest?.version ?? 0)
}

async function rows<Row>(client: ClickHouseClient, query: string): Promise<Row[]> {
  return (await client.query({ query, format: 'JSONEachRow' })).json<Row>()
}

/** Compares the first two numbers of dotted versions. */
export function olderThan(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number)
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor)
}
