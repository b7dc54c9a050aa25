import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Event } from '../../core/event/event.ts'
import { openFormat } from '../../ingest/formats/format-options.ts'
import { decodeLine } from '../../test/formats/decode-line.ts'
import { gatewayLine } from './gateway-line.ts'
import { workloadFile } from './workload-file.ts'
import { type WorkloadId, workloadIds, workloads } from './workloads.ts'

const count = 3000

function take(id: WorkloadId, seed: number, rate?: number): Event[] {
  const taken: Event[] = []
  for (const event of workloads[id].events({ seed, count, ...(rate === undefined ? {} : { rate }) })) {
    taken.push(event)
    if (taken.length === count) break
  }
  return taken
}

describe.each(workloadIds)('workload %s', (id) => {
  const events = take(id, 1)

  it('is the same for the same seed, and another for another', () => {
    expect(take(id, 1)).toEqual(events)
    expect(take(id, 2)).not.toEqual(events)
  })

  it('comes in the order of time, at its rate', () => {
    for (const [index, { time }] of events.entries())
      expect(time).toBeGreaterThanOrEqual(events[index - 1]?.time ?? 0)
    const perSecond = (list: Event[]) => (1000 * count) / ((list.at(-1)?.time ?? 0) - (list[0]?.time ?? 0))
    expect(perSecond(events) / 280).toBeCloseTo(1, 0)
    expect(perSecond(take(id, 1, 2800)) / 2800).toBeCloseTo(1, 0)
  })

  it('is taken as canonical lines of the usual length', () => {
    const decode = openFormat('canonical', { routes: [], query_names: [] })
    const lines = events.map(gatewayLine)
    for (const line of lines) {
      expect(decodeLine(decode, line.trimEnd())).toMatchObject({ outcome: 'event' })
      expect(line).toMatch(/^\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",/)
    }
    const average = lines.join('').length / count
    expect(average).toBeGreaterThan(400)
    expect(average).toBeLessThan(500)
  })
})

it('only mixed holds attacks, of all four kinds', () => {
  const isAttack = (event: Event) =>
    /^(leaked|walker|stolen|user-of-stolen)/.test(`${event['auth.account'] ?? event['principal.id']}`) ||
    /^provider-/.test(event['webhook.provider'] ?? '')
  expect(take('benign', 1).filter(isAttack)).toEqual([])
  const attacks = take('mixed', 1).filter(isAttack)
  expect(attacks.length / count).toBeGreaterThan(0.01)
  expect(attacks.length / count).toBeLessThan(0.08)
  const told = attacks.map(
    (event) => event['auth.account'] ?? event['principal.id'] ?? event['webhook.provider'],
  )
  for (const kind of ['leaked', 'walker', 'user-of-stolen', 'provider'])
    expect(
      told.some((name) => name?.startsWith(kind)),
      kind,
    ).toBe(true)
})

describe('workload files', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'picket-workload-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('are made once, whole, and apart for each seed', () => {
    const made = workloadFile({ id: 'benign', seed: 1, events: 50, folder })
    const text = readFileSync(made.path, 'utf8')
    expect(text.trimEnd().split('\n')).toHaveLength(50)
    expect(workloadFile({ id: 'benign', seed: 1, events: 50, folder })).toEqual(made)
    expect(workloadFile({ id: 'benign', seed: 2, events: 50, folder }).path).not.toBe(made.path)
  })
})
