import { canonicalAddress } from '../../../core/entity/canonical-address.ts'
import type { Decode, DecodeCounts, Decoded, Refused } from '../../../core/event/decoder.ts'
import type { EventField } from '../../../core/event/event-fields.ts'
import { DialectValues } from '../dialect-values.ts'
import { fieldPairs } from '../field-map.ts'
import { configuredRank, type KeyMeaning, keyMeaning } from '../json-dialect.ts'
import type { JsonLogOptions } from '../json-log.ts'
import { boundedText, refused } from '../json-object.ts'
import { LineFields } from '../line-fields.ts'
import { neededPlaces } from '../needed.ts'
import { ownText } from '../own-text.ts'
import { PathReader } from '../path-facts.ts'
import { projected } from '../projection/projected.ts'
import { cloudfrontDialect } from './fields.ts'

export interface CloudFrontOptions extends JsonLogOptions {
  /** The columns of logging v2 where they were chosen, as its `#Fields` line names them, blanks between. */
  readonly columns?: string | undefined
}

/** Columns of standard logs (legacy), in their order; older files have fewer, at the end. */
export const standardColumns: readonly string[] = (
  'date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) ' +
  'cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken ' +
  'x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status ' +
  'fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len ' +
  'sc-range-start sc-range-end'
).split(' ')
/** The standard log of 2009; nothing shorter was ever written. */
const columnsMin = 12

/** Columns whose values can't be mistaken: a line whose columns stand elsewhere must not be read as if they were right. */
const shapes: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ['date', (value: string) => /^\d{4}-\d\d-\d\d$/.test(value)],
  ['time', (value: string) => /^\d\d:\d\d:\d\d$/.test(value)],
  ['c-ip', (value: string) => canonicalAddress(value) !== undefined || value === '-'],
  ['cs-method', (value: string) => /^[A-Za-z-]{1,32}$/.test(value)],
  ['sc-status', (value: string) => /^(?:\d{3}|0|-)$/.test(value)],
])

/** Decodes lines of tab-separated columns; `#Fields` must name the columns that are read. */
export function extendedLogDecoder(
  { columns, fields: mapping, ...options }: CloudFrontOptions,
  wanted?: ReadonlySet<EventField>,
  counts?: DecodeCounts,
): Decode {
  const names = columns === undefined ? standardColumns : columnNames(columns)
  const mapped = new Map(fieldPairs(mapping).map(([key, field]) => [key.toLowerCase(), field]))
  const meanings = names.map((name): KeyMeaning | undefined => {
    const field = mapped.get(name.toLowerCase())
    return field === undefined
      ? keyMeaning(cloudfrontDialect, name)
      : { kind: 'field', field, rank: configuredRank }
  })
  const needed = neededPlaces()
  const fields = new LineFields({
    paths: new PathReader(options),
    trustedHops: options.trusted_hops ?? 0,
    needed,
  })
  const least = columns === undefined ? columnsMin : names.length

  function parse(line: Uint8Array, event: Parameters<Decode>[3]): Decoded {
    const bounded = boundedText(line)
    if (bounded.outcome !== 'text') return bounded.decoded
    const { text } = bounded
    if (text.startsWith('#')) return directive(text, names)
    const values = text.split('\t')
    const wrong = wrongColumn(values, names, least)
    if (wrong !== undefined) return wrong
    fields.begin(event)
    const judged = new DialectValues()
    for (const [index, value] of values.entries()) {
      const meaning = meanings[index]
      if (meaning?.kind === 'field') fields.take(meaning.field, ownText(value), meaning.rank)
      else if (meaning?.kind === 'dialect' && value !== '-') judged[meaning.value] = value
    }
    cloudfrontDialect.complete(fields, judged)
    const time = fields.time()
    if (typeof time !== 'number') return time
    fields.finish(time)
    return 'event'
  }

  // There is no shorter way over the bytes: every line is parsed.
  return projected({ read: () => false }, parse, neededPlaces(wanted), counts)
}

/** How surely a line is of a CloudFront log: by its columns, or by the names of them. */
export function extendedLogConfidence(line: string): number {
  const names = fieldsLine(line)
  if (names !== undefined) return names.includes('x-edge-location') || names.includes('cs-uri-stem') ? 0.9 : 0
  const values = line.split('\t')
  return wrongColumn(values, standardColumns, columnsMin) === undefined ? 0.97 : 0
}

function wrongColumn(
  values: readonly string[],
  names: readonly string[],
  least: number,
): Refused | undefined {
  if (values.length < least || values.length > names.length) {
    return refused(
      'not_parsable',
      `${values.length} columns, expected ${least} to ${names.length} with tabs between`,
    )
  }
  const index = values.findIndex((value, at) => shapes.get(names[at] ?? '')?.(value) === false)
  if (index < 0) return undefined
  return refused(
    'not_parsable',
    `column ${index + 1} is no ${names[index]}: columns in another order go into ingest.cloudfront.columns`,
  )
}

/** A line that is no record. Columns other than those that are read would be taken for them. */
function directive(text: string, names: readonly string[]): Decoded {
  const found = fieldsLine(text)
  if (found === undefined || found.every((name, index) => name === names[index])) return 'skip'
  return refused(
    'field_invalid',
    'other columns than expected: copy what follows #Fields: into ingest.cloudfront.columns',
  )
}

function fieldsLine(text: string): readonly string[] | undefined {
  return text.startsWith('#Fields:') ? columnNames(text.slice('#Fields:'.length)) : undefined
}

function columnNames(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}
