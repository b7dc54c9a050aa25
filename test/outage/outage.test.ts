import { expect, it } from 'vitest'
import { measureOutage } from './measure-outage.ts'
import { whatDiffers } from './what-differs.ts'

it('with ClickHouse away and back, the findings are those of a run beside it, and every row is there once', async () => {
  const result = await measureOutage({ awayMs: 8000, rate: 300, report: () => {} })
  expect(whatDiffers(result).problems).toEqual([])
  // Walks and tokens, some of each begun while it was away.
  expect(result.away.findings.size).toBeGreaterThanOrEqual(10)
}, 240_000)
