import { describe, expect, it } from 'vitest'
import { unknownFormat } from './unknown-format.ts'

const why = (...lines: readonly string[]) =>
  unknownFormat(
    lines.map((line) => {
      const bytes = Buffer.from(line)
      return { bytes, start: 0, end: bytes.length, offset: 0, truncated: false }
    }),
  )

describe('of lines of no known format it is said', () => {
  it.each([
    ['one', /^no known format fits the first lines; name the format/],
    ['{"a":1}', /^the lines look like JSON without a usable `time`: a time is ISO 8601 .*--format/],
    ['{"a":1,"when":"2026-03-02T09:00:00Z"}', /; when can be read as one: .*fields: \{ time: when \}$/],
    ['{"a":1,"at":1772442000}', /; at can be read as one/],
    ['{"a":1,"event_time":"2 March"}', /; event_time can't be read as one: a time is ISO 8601/],
    ['{"a":1,"\\u001b[31m":"2026-03-02T09:00:00Z"}', /without a usable `time`: a time is/],
    ['[1]', /^no known format/],
  ])('%s', (line, expected) => {
    expect(why('', line)).toMatch(expected)
    expect(why('', line).length).toBeLessThanOrEqual(200)
  })
})
