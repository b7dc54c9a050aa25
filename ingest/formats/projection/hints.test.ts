import { expect, it } from 'vitest'
import type { EventField } from '../../../core/event/event-fields.ts'
import { EventRecord, fieldNumber } from '../../../core/event/event-record.ts'
import { openFormat } from '../format-options.ts'
import type { FormatId } from '../formats.ts'

/** A line of each client, in each format that is read by projection. */
const formats: readonly (readonly [format: FormatId, options: object, line: (client: number) => string])[] = [
  [
    'combined',
    {},
    (client) =>
      `192.0.2.${client} - user-${client} [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "agent/${client}" jti=t-${client}`,
  ],
  [
    'nginx-json',
    {},
    (client) =>
      `{"ts":1773043200,"remote_addr":"192.0.2.${client}","user_agent":"agent/${client}","sub":"user-${client}","jti":"t-${client}"}`,
  ],
  [
    'nginx-json',
    { trusted_hops: 1 },
    (client) =>
      `{"ts":1773043200,"remote_addr":"10.0.0.1","http_x_forwarded_for":"192.0.2.${client}","user_agent":"agent/${client}","sub":"user-${client}","jti":"t-${client}"}`,
  ],
  [
    'canonical',
    {},
    (client) =>
      `{"time":1773043200000,"client.ip":"192.0.2.${client}","client.user_agent":"agent/${client}","principal.id":"user-${client}","token.jti":"t-${client}"}`,
  ],
]
const fields: readonly EventField[] = ['client.ip', 'client.user_agent', 'principal.id', 'token.jti']

it.each(formats)('%s %j: the same text has the same number, and no other has it', (format, options, line) => {
  const decode = openFormat(format, options)
  const event = new EventRecord()
  const owners = new Map<number, string>()
  const numbers = new Map<string, number>()
  for (let round = 0; round < 3; round++) {
    // So few that no text finds all its places in the table taken.
    for (let client = 1; client <= 9; client++) {
      const bytes = Buffer.from(line(client))
      expect(decode(bytes, 0, bytes.length, event)).toBe('event')
      for (const field of fields) {
        const text = `${field} ${event[field]}`
        const number = event.hints[fieldNumber(field)] as number
        expect(event[field]).toContain(String(client))
        expect(number).toBeGreaterThan(0)
        expect(owners.get(number) ?? text).toBe(text)
        owners.set(number, text)
        // Canonical lines are read another way, with other numbers, once their shape is known.
        if (round === 1) numbers.set(text, number)
        if (round === 2) expect(number).toBe(numbers.get(text))
      }
    }
  }
})

it('gives no number to a text that is not remembered', () => {
  const decode = openFormat('combined')
  const event = new EventRecord()
  for (const agent of ['a', 'x'.repeat(300)]) {
    const bytes = Buffer.from(
      `192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "${agent}"`,
    )
    expect(decode(bytes, 0, bytes.length, event)).toBe('event')
  }
  expect(event.hints[fieldNumber('client.user_agent')]).toBe(0)
})
