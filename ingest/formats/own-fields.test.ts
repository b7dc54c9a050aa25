import { expect, it } from 'vitest'
import type { EventField } from '../../core/event/event-fields.ts'
import { EventRecord } from '../../core/event/event-record.ts'
import { collectGarbage } from '../../test/collect-garbage.ts'
import { openFormat } from './format-options.ts'
import type { FormatId } from './formats.ts'

const long = 'x'.repeat(50_000)
const count = 200

/** What the heap holds once everything is gone that nobody holds, bytes. */
function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

// Detectors keep a field of an event for hours: it must not keep alive the long text that it was cut from.
it.each<[name: string, format: FormatId, line: (index: number) => string, field?: EventField]>([
  [
    'a trace id',
    'envoy',
    (index) => `{"ts":1773043200,"traceparent":"00-0af7651916cd43dd8448eb211c${100_000 + index}-${long}"}`,
  ],
  [
    'a trace id after the combined part',
    'combined',
    (index) =>
      `192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "é" ` +
      `trace=00-0af7651916cd43dd8448eb211c${100_000 + index}-${long}`,
  ],
  [
    'a method',
    'combined',
    () => `192.0.2.1 - - [17/May/2015:10:05:03 +0000] "VERSION-CONTROL / HTTP/1.1" 200 1 "${long}" "é"`,
  ],
  [
    'a method of a request line',
    'nginx-json',
    (index) => `{"ts":1773043200,"request":"BASELINE-CONTROL /${index}?${long} HTTP/1.1"}`,
  ],
  [
    'an address',
    'combined',
    (index) =>
      `2001:db8::${1000 + index} - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "${long}" "é"`,
    'client.ip',
  ],
])('%s keeps no line alive', (_, format, line, field) => {
  const decode = openFormat(format)
  const kept: unknown[] = []
  const take = (index: number) => {
    const bytes = Buffer.from(line(index))
    const event = new EventRecord()
    expect(decode(bytes, 0, bytes.length, event)).toBe('event')
    kept.push(field ? event[field] : (event.trace ?? event.method))
  }
  take(0)
  const before = heapBytes()
  for (let index = 1; index <= count; index++) take(index)
  expect((heapBytes() - before) / count).toBeLessThan(long.length / 2)
  expect(kept.every((text) => typeof text === 'string' && text.length >= 13)).toBe(true)
})
