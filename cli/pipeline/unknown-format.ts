import { type RawRecord, recordBytes } from '../../core/ports/source.ts'
import { isoInstant, scaledInstant } from '../../ingest/formats/instant.ts'
import { isObject } from '../../ingest/formats/json-object.ts'

/** Lines that are looked at, and keys that are named. */
const [linesMax, keysMax] = [20, 3]
/** Numbers of seconds or milliseconds since then are likely times; smaller ones may count anything. */
const timeLeast = Date.UTC(2001, 0)

/** Why no format could be told from the first lines of a partition, and what to do about it. */
export function unknownFormat(records: readonly RawRecord[]): string {
  const objects = records
    .slice(0, linesMax)
    .map(objectOf)
    .filter((object) => object !== undefined)
  if (objects.length === 0) return `no known format fits the first lines; ${advice}`
  // Others can't be repeated, or not in a sentence.
  const entries = objects
    .flatMap((object) => Object.entries(object))
    .filter(([key]) => /^[\w@-]{1,24}$/.test(key))
  const times = namesOf(entries.filter(([, value]) => isInstant(value)))
  if (times.length > 0) {
    const fields = `{ time: ${times[0]} }`
    return `${what}; ${times.join(', ')} can be read as one: --format nginx-json with ingest.nginx-json.fields: ${fields}`
  }
  const named = namesOf(entries.filter(([key]) => /(time|timestamp|date|^ts)$/i.test(key)))
  const shape = 'a time is ISO 8601 with a zone, or epoch milliseconds'
  return named.length > 0
    ? `${what}; ${named.join(', ')} can't be read as one: ${shape}`
    : `${what}: ${shape}; ${advice}`
}

const advice = 'name the format with --format, or `format` of the source'
const what = 'the lines look like JSON without a usable `time`'

function namesOf(entries: readonly (readonly [string, unknown])[]): readonly string[] {
  return [...new Set(entries.map(([key]) => key))].slice(0, keysMax)
}

function objectOf(record: RawRecord): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(recordBytes(record)).toString('utf8'))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isInstant(value: unknown): boolean {
  if (typeof value === 'string') return isoInstant(value) !== undefined
  return typeof value === 'number' && (scaledInstant(value) ?? 0) >= timeLeast
}
