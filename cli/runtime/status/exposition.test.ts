import { expect, it } from 'vitest'
import { DurationHistogram } from './duration-histogram.ts'
import { exposition } from './exposition.ts'
import { metrics } from './metrics.ts'

function linesOf(text: string, name: string): string[] {
  return text.split('\n').filter((line) => line.startsWith(name) || line.includes(` ${name} `))
}

it('writes help and type of every metric, each once, and ends with a line feed', () => {
  const text = exposition([])
  const names = Object.values(metrics).map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const { name, type } of Object.values(metrics)) {
    expect(linesOf(text, name).map((line) => line.split(' ', 3).join(' '))).toEqual([
      `# HELP ${name}`,
      `# TYPE ${name}`,
    ])
    expect(text).toContain(`# TYPE ${name} ${type}\n`)
  }
  expect(text.endsWith('\n')).toBe(true)
})

it('names metrics by the conventions: a prefix, counters end in _total, and nothing else does', () => {
  for (const { name, type } of Object.values(metrics)) {
    expect(name).toMatch(/^(picket|process|nodejs)_[a-z_]+$/)
    expect(name.endsWith('_total')).toBe(type === 'counter')
  }
})

it('escapes what would end a label value or its line', () => {
  const text = exposition([{ metric: 'events', labels: ['a"b\\c\nd'], value: 3 }])
  expect(text).toContain('\npicket_events_total{source="a\\"b\\\\c\\nd"} 3\n')
})

it.each([
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
  [Number.NaN, 'NaN'],
  [1.5e21, '1.5e+21'],
])('writes %s as %s', (value, written) => {
  expect(exposition([{ metric: 'sealLag', labels: [], value }])).toContain(
    `\npicket_seal_lag_seconds ${written}\n`,
  )
})

it('writes a histogram with sums of its buckets, what is above them all in +Inf', () => {
  const histogram = new DurationHistogram([0.1, 1])
  for (const seconds of [0.1, 0.5, 0.25, 7]) histogram.add(seconds)
  const text = exposition([{ metric: 'checkpoint', labels: [], value: histogram.counts() }])
  expect(linesOf(text, 'picket_checkpoint_duration_seconds').slice(2)).toEqual([
    'picket_checkpoint_duration_seconds_bucket{le="0.1"} 1',
    'picket_checkpoint_duration_seconds_bucket{le="1"} 3',
    'picket_checkpoint_duration_seconds_bucket{le="+Inf"} 4',
    'picket_checkpoint_duration_seconds_sum 7.85',
    'picket_checkpoint_duration_seconds_count 4',
  ])
})
