import { expect, it } from 'vitest'
import { RecordedWatch } from './recorded-watch.ts'

const jti = { id: 'jti-reuse', vantage: 'any', reads: ['time', 'token.jti'] } as const
const walks = { id: 'walks', vantage: 'edge', reads: ['time', 'route'] } as const
const well = { events: 5000, late: 0, refusedTotal: 0 }

function watch(vantage: string) {
  const own = new RecordedWatch([jti, walks])
  own.sample(Array.from({ length: 300 }, () => ({ event: { time: 0, vantage, route: '/' } })))
  return own
}

it('tells detectors without input in one sentence', () => {
  expect(watch('service').notices(well)).toEqual([
    'without input, so nothing of the kind could be found: jti-reuse (no event has token.jti); walks (no event is of vantage edge); log and map what is there, see ingest.<format>.fields, or disable them',
  ])
})

it('has nothing to say when detectors worked, and asks no longer then', () => {
  const own = watch('edge')
  let asked = 0
  for (let time = 0; time < 3; time++) {
    own.held(() => {
      asked++
      return [
        ['jti-reuse', 1],
        ['walks', 1],
      ]
    })
  }
  expect(own.notices(well)).toEqual([])
  expect(asked).toBe(1)
})

it('tells shares that were not judged', () => {
  const own = watch('edge')
  own.held(() => [['jti-reuse', 1]])
  expect(own.notices({ events: 9000, late: 900, refusedTotal: 1000 })).toEqual([
    expect.stringMatching(/^10\.0% of the events were late/),
    expect.stringMatching(/^10\.0% of the records were refused as no event: most often --format/),
  ])
})
