import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decodeLine } from '../../test/formats/decode-line.ts'
import { combined } from './combined/combined.ts'
import { detectFormat } from './detect-format.ts'
import { openFormat } from './format-options.ts'

/** Logs that other people recorded; their licences keep them out of this repository. */
const shared = new URL('../../../shared/data/', import.meta.url).pathname
const absent = !existsSync(shared)

describe.skipIf(absent)(`recorded logs${absent ? ' (skipped: ../shared/data is not here)' : ''}`, () => {
  it('takes every line of a real Apache log', () => {
    const lines = linesOf(`${shared}access-logs/apache_logs.first5000.clf`)
    expect(detectFormat(lines.slice(0, 50))).toMatchObject({ format: 'combined' })
    const decode = combined.open({})
    const outcomes = lines.map((line) => decodeLine(decode, line))
    const events = outcomes.flatMap((decoded) => (decoded.outcome === 'event' ? [decoded.event] : []))
    expect(events).toHaveLength(5000)
    expect(events.every((event) => event['client.ip'] && event.status && event.route)).toBe(true)
    expect(events.every((event) => event.method !== undefined && !event.path?.includes('?'))).toBe(true)
  })

  it.each([
    ['cloudfront', 'cf-access-log-sample.gz', 28_000],
    ['aws-waf', 'test_waf_log.gz', 200],
  ] as const)('takes every line of a recorded %s log', (format, name, linesMin) => {
    const text = gunzipSync(readFileSync(`${shared}access-logs/${name}`)).toString('utf8')
    const lines = text.split('\n').filter((line) => line.trim() !== '')
    expect(lines.length).toBeGreaterThan(linesMin)
    expect(detectFormat(lines.slice(0, 50))).toMatchObject({ format })
    const decode = openFormat(format)
    const outcomes = lines.map((line) => decodeLine(decode, line))
    expect(outcomes.filter(({ outcome }) => outcome === 'refused')).toEqual([])
    const events = outcomes.flatMap((decoded) => (decoded.outcome === 'event' ? [decoded.event] : []))
    expect(events.every(({ method, path }) => method !== undefined && !path?.includes('?'))).toBe(true)
  })

  it('takes the access-log lines of all CrowdSec hub recordings, and refuses the others with a reason', () => {
    const files = readdirSync(`${shared}crowdsec-hub`, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.log'),
    )
    expect(files.length).toBeGreaterThan(25)
    const decode = combined.open({})
    let taken = 0
    for (const line of files.flatMap((file) => linesOf(`${shared}crowdsec-hub/${file}`))) {
      const decoded = decodeLine(decode, line)
      const looksLikeAccessLog = /- \S+ \[\d\d\/[A-Z][a-z]{2}\/\d{4}:[^\]]+\] ".*" \d{3} (\d+|-)/.test(line)
      expect(decoded.outcome, line).toBe(looksLikeAccessLog ? 'event' : 'refused')
      if (decoded.outcome === 'event') taken += 1
    }
    expect(taken).toBeGreaterThan(600)
  })
})

function linesOf(file: string): readonly string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
}
