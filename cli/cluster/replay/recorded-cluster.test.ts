import { expect, it } from 'vitest'
import { partitionKey } from '../../../core/event/position.ts'
import type { ControlEntry } from '../../../core/manifest/control-log.ts'
import { NotRecorded } from '../../runtime/recording/recorded-run.ts'
import type { ClusterRecording } from './cluster-recording.ts'
import { recordedCluster } from './recorded-cluster.ts'

const key = partitionKey('gateway', 'access:0')
const cut = (at: number, ...positions: [string, number][]): ControlEntry => ({ kind: 'cut', at, positions })
const manifest = (digest: string): ControlEntry => ({ kind: 'manifest', at: 0, digest, sources: 's1:0' })
const lost = (partition: string): ControlEntry => ({
  ...{ kind: 'lost-range', at: 0, why: 'gone', partition, from: 3, to: 5 },
})
const ingested = [
  cut(0),
  manifest('m1:0'),
  { kind: 'source-active', at: 0, partition: key, from: 2 } as const,
]
const judged = [cut(0), manifest('m1:1'), cut(100, [key, 9])]

function read(ingest: readonly ControlEntry[], detect: readonly ControlEntry[]) {
  const of = (by: string, entries: readonly ControlEntry[]) =>
    entries.map((entry) => ({ by, written: 0, entry }))
  const recording: ClusterRecording = {
    control: [
      ...of('detect 1', detect),
      ...of('ingest gateway access:0', ingest),
      ...of('respond', [cut(7)]),
    ],
    standings: new Map([[1, { positions: new Map([[key, 20]]), watermark: 150 }]]),
    snapshots: new Map(),
    marks: new Map(),
  }
  return recordedCluster(recording, 'p.control')
}

it('tells what each partition judged and by what each input was read', () => {
  const { partitions, inputs } = read(ingested, [...judged, lost(key)])
  expect(partitions).toMatchObject([
    {
      partition: 1,
      run: { eras: [{ manifest: 'm1:1', cuts: [{ at: 100 }, { at: 150, positions: [[key, 20]] }] }] },
    },
  ])
  expect([4, 5].map((offset) => partitions[0]?.lost.find(key, offset)?.why)).toEqual(['gone', undefined])
  expect(inputs.get(key)).toMatchObject({
    starts: new Map([[key, 2]]),
    eras: [{ manifest: 'm1:0', sources: 's1:0' }],
  })
})

it('leaves out what was judged after it was asked', () => {
  const { partitions } = read(ingested, [...judged, cut(160, [key, 25]), manifest('m1:2'), cut(170)])
  expect(partitions[0]?.run.eras.map((era) => era.manifest)).toEqual(['m1:1'])
})

it('refuses what has no beginning, was read twice, or was deleted unread', () => {
  const gone = 'p.control does not hold the beginning of `'
  expect(() => read([manifest('m1:0')], judged)).toThrow(`${gone}ingest gateway access:0\``)
  expect(() => read([cut(0, [key, 5]), manifest('m1:0')], judged)).toThrow(gone)
  expect(() => read(ingested, judged.slice(1))).toThrow(`${gone}detect 1\``)
  expect(() => read([...ingested, ...ingested], judged)).toThrow(/began twice/)
  expect(() => read(ingested, [...judged, lost('p.observations:1')])).toThrow(
    'messages 3 to 4 of p.observations:1 were deleted before they were judged',
  )
  expect(() => read(ingested, [...judged, cut(140, ['other\u0000old:0', 3])])).toThrow(
    /^other old:0 was read once and is not read any more/,
  )
  const nothing = { control: [], standings: new Map(), snapshots: new Map(), marks: new Map() }
  expect(() => recordedCluster(nothing, 'p.control')).toThrow(NotRecorded)
})
