import { expect, it } from 'vitest'
import { encodeObservation } from '../../../core/cluster/observation.ts'
import { SourceTimes } from '../../../core/cluster/source-times.ts'
import { Collector } from '../../../core/engine/collector.ts'
import { Engine } from '../../../core/engine/engine.ts'
import { trafficShape } from '../../../core/engine/traffic-shape.ts'
import { publicHash } from '../../../core/hash/keyed-hash.ts'
import { Recorder } from '../../pipeline/recorder.ts'
import { createDetection } from '../../runtime/detection.ts'
import { InputTopics } from '../input-topics.ts'
import { ObservationIntake } from './observation-intake.ts'

const marker = {
  source: 'gateway',
  partition: 'gateway:0',
  siblings: 1,
  position: 9,
  time: 5000,
  greatest: 5000,
  latenessMs: 0,
  isIdle: false,
  records: 9,
  refused: 0,
  waiting: 0,
}

it('counts what was collected under another configuration, tells it once, and goes on by its marker', () => {
  const times = new SourceTimes(new InputTopics([{ name: 'gateway', topics: [{ name: 'gateway' }] }], []))
  const said: string[] = []
  const status = { foreign: 0, cameLate: () => {} }
  const config = { space: 'default', routes: [], ingest: {}, privacy: {} } as never
  const { engine } = createDetection({
    config,
    detectors: [],
    lane: 'live',
    key: new Uint8Array(32),
    keeping: 'nothing',
  })
  const recorder = new Recorder()
  const log = { error: (_fields: unknown, text: string) => said.push(text) }
  const cluster = { layout: 'ours', log, status } as never
  const intake = new ObservationIntake({ cluster, partition: 0, engine, times, recorder })
  const packs = [{ detector: 'd', version: 1, records: 2, bytes: Uint8Array.of(1) }]
  const value = Buffer.from(encodeObservation({ packs, layout: 'theirs', marker }))
  for (let times = 0; times < 3; times++) intake.take({ value } as never)
  expect(status.foreign).toBe(6)
  expect(said).toEqual([expect.stringContaining('under another configuration')])
  expect([...times.positions.values()]).toEqual([9])
  // Told again it is nothing new.
  expect(recorder.entries()).toMatchObject([{ kind: 'lost-range', from: 0, to: 9 }])
})

it('tells how many events came and were late, in however many panes', () => {
  const detectors = [{ detector: trafficShape, config: {} }]
  const collector = new Collector('default', detectors, publicHash)
  const engine = new Engine({
    space: 'default',
    lane: 'live',
    manifest: '',
    detectors,
    hash: publicHash,
    keeping: 'nothing',
  })
  const times = new SourceTimes({
    topics: [{ source: 'gateway', topic: 'gateway' }],
    heardOf: () => true,
    isGone: () => false,
  })
  const lateEvents: unknown[] = []
  const cameLate = (...counted: unknown[]) => lateEvents.push(counted)
  const intake = new ObservationIntake({
    cluster: { layout: 'ours', status: { cameLate }, log: {} } as never,
    partition: 0,
    engine,
    times,
    recorder: { late: () => {}, lost: () => {} },
  })
  const told: unknown[] = []
  intake.watch = { took: (_marker: unknown, counts: unknown) => told.push(counts) } as never
  let position = 0
  const take = (time: number, addresses: readonly string[]) => {
    collector.observeAll(
      addresses.map((ip, index) => ({
        event: { time, 'client.ip': ip, 'principal.id': `p-${index}` },
      })),
    )
    const next = { ...marker, position: ++position }
    const value = encodeObservation({ packs: collector.drain(), layout: 'ours', marker: next })
    intake.take({ value: Buffer.from(value) } as never)
  }
  const hour = 3_600_000
  take(10 * hour, ['192.0.2.1', '192.0.2.1', '192.0.2.2'])
  engine.advance(10 * hour + hour / 2)
  // One pane of 300 events, and one of one.
  take(9 * hour, Array<string>(300).fill('192.0.2.1'))
  take(10 * hour + hour / 2, ['192.0.2.3'])
  // Three entities see each: the address, its network, and all together.
  expect(told).toMatchObject([
    { events: 9, late: 0 },
    { events: 900, late: 900 },
    { events: 3, late: 0 },
  ])
  expect(lateEvents).toEqual([
    ['gateway', 0],
    ['gateway', 300],
    ['gateway', 0],
  ])
})
