import { expect, it } from 'vitest'
import { z } from 'zod'
import { picketConfigSchema } from '../../../config/picket-config.ts'
import { counter } from '../../../core/aggregates/counter.ts'
import { emptyBaseline } from '../../../core/baseline/baseline.ts'
import { encodeObservation, type SourceMarker } from '../../../core/cluster/observation.ts'
import { SourceTimes } from '../../../core/cluster/source-times.ts'
import { type Detector, defineDetector } from '../../../core/detector/detector.ts'
import type { Finding } from '../../../core/detector/finding.ts'
import { Collector } from '../../../core/engine/collector.ts'
import type { Engine } from '../../../core/engine/engine.ts'
import { packsOf, unpack } from '../../../core/engine/entity-pack.ts'
import type { DealtPack, PanePack } from '../../../core/engine/pane-pack.ts'
import type { Event } from '../../../core/event/event.ts'
import { partitionKey } from '../../../core/event/position.ts'
import type { ControlEntry } from '../../../core/manifest/control-log.ts'
import { fixedPublicKey } from '../../../ingest/privacy/pseudonym.ts'
import { MemoryStateStore } from '../../../storage/memory/memory-state-store.ts'
import { seededRandom } from '../../../test/scenarios/random.ts'
import type { Located } from '../../pipeline/partition-lane.ts'
import { Recorder } from '../../pipeline/recorder.ts'
import { Tally } from '../../pipeline/tally.ts'
import { createDetection, sampleHash } from '../../runtime/detection.ts'
import type { StoredDetection } from '../../runtime/recording/stored-detection.ts'
import { ObservationIntake } from '../detect/observation-intake.ts'
import { CollectingAgain } from './collecting-again.ts'
import { JudgedPartition } from './judged-partition.ts'
import { recordedCluster } from './recorded-cluster.ts'

const [partitions, inputs, slices, lateMs] = [2, 3, 120, 2000]
const hash = sampleHash(fixedPublicKey)

/** Tells how many events of an address each slice of time had: whatever is judged otherwise shows. */
const counting = (id: string, size: `${number}s`) =>
  defineDetector({
    id,
    version: 1,
    summary: 'Counts.',
    threats: [],
    config: z.strictObject({}),
    vantage: 'any',
    reads: ['time', 'client.ip'],
    window: () => ({ size, pane: size }),
    pane: { seen: counter() },
    observe: (event, emit) => emit('ip', event['client.ip'] ?? '')?.seen.add(),
    judge: ({ total }) => ({ score: 0.5, severity: 'low', evidence: { seen: total.seen.value } }),
    evidence: z.strictObject({ seen: z.number() }),
  }) as unknown as Detector

const detection: StoredDetection = {
  digest: 'm1:0',
  config: picketConfigSchema.parse({}),
  detectors: [counting('short', '1s'), counting('long', '7s')].map((detector) => ({ detector, config: {} })),
  baseline: emptyBaseline,
  key: fixedPublicKey,
}

interface Sent {
  readonly key: string | null
  readonly value: Buffer
}

const keyOf = (input: number) => partitionKey('gateway', `gateway:${input}`)

/** What an `ingest` sends of each input, and the events that it was. */
function sent(random: ReturnType<typeof seededRandom>) {
  const logs: Sent[][] = Array.from({ length: partitions }, () => [])
  const events = new Map<string, Event[]>(Array.from({ length: inputs }, (_, input) => [keyOf(input), []]))
  const times = Array.from({ length: inputs }, () => 1_000_000)
  for (let nth = 0; nth < slices; nth++) {
    const open = [0, 1].map((more) => sliceOf((nth + more) % inputs))
    // Two at a time, whose messages lie among each other's.
    for (const [partition, log] of logs.entries()) {
      const queues = open.map((slice) => slice[partition] ?? [])
      while (queues.some((queue) => queue.length > 0)) {
        const next = queues[random.int(0, 1)]?.shift()
        if (next) log.push(next)
      }
    }
  }
  return { logs, events }

  function sliceOf(input: number): Sent[][] {
    const all = events.get(keyOf(input)) ?? []
    const isIdle = random.int(0, 5) === 0
    const fresh = Array.from({ length: isIdle ? 0 : random.int(1, 12) }, (): Event => {
      times[input] = (times[input] ?? 0) + random.int(0, 400)
      const time = (times[input] ?? 0) - (random.int(0, 9) === 0 ? random.int(0, 12_000) : 0)
      return { time, 'client.ip': `192.0.2.${random.int(0, 9)}` }
    })
    all.push(...fresh)
    const collector = new Collector('default', detection.detectors, hash)
    collector.observeAll(fresh.map((event) => ({ event })))
    const marker: SourceMarker = {
      ...{ source: 'gateway', partition: `gateway:${input}`, siblings: inputs, position: all.length },
      ...{ time: times[input] ?? 0, greatest: times[input] ?? 0, latenessMs: lateMs, isIdle },
      ...{ records: fresh.length, refused: 0, waiting: 0 },
    }
    const layout = random.int(0, 20) === 0 ? 'theirs' : 'ours'
    const packs = collector.drain(partitions)
    return Array.from({ length: partitions }, (_, partition) => {
      const own = packs.filter((pack) => pack.partition === partition).flatMap(single)
      const cut = random.int(0, own.length)
      const part = (some: typeof own, more: { marker?: SourceMarker }) =>
        Buffer.from(encodeObservation({ packs: some, layout, ...more }))
      const first = cut > 0 ? [{ key: keyOf(input), value: part(own.slice(0, cut), {}) }] : []
      return [...first, { key: null, value: part(own.slice(cut), { marker }) }]
    })
  }
}

/** A pack for each record of one, so that they may come in two messages. */
function single({ detector, version, bytes }: DealtPack): PanePack[] {
  const whole = {
    detector,
    version,
    part: 'pane',
    number: 1,
    oldest: 1,
    bytes: Uint8Array.from(bytes),
  } as const
  return [...unpack([whole])].flatMap((record) => packsOf([record]).map((pack) => ({ ...pack, records: 1 })))
}

/** What the judge of a partition finds, and records; it is killed now and then. */
async function judged(log: readonly Sent[], random: ReturnType<typeof seededRandom>) {
  const store = new MemoryStateStore()
  const control: ControlEntry[] = []
  let committed = { next: 0, watermark: Number.NEGATIVE_INFINITY, sources: '' }
  let standing = { positions: new Map<string, number>(), watermark: 0 }
  while (committed.next < log.length) {
    const { engine, times, recorder, intake } = await begun()
    for (let next = committed.next; next < log.length; ) {
      const batch = log.slice(next, next + random.int(1, 4))
      for (const { key, value } of batch) intake.take({ key: key && Buffer.from(key), value } as never)
      next += batch.length
      engine.moveTo(times.value())
      if (random.int(0, 3) > 0 && next < log.length) continue
      await store.commit({ findings: engine.drain().findings, packs: engine.cutState().packs() })
      control.push(...recorder.drain(times.positions, engine.watermark).control)
      committed = { next, watermark: engine.watermark, sources: times.snapshot() }
      standing = { positions: new Map(times.positions), watermark: Math.max(0, engine.watermark) }
      if (random.int(0, 9) === 0) break
    }
  }
  return { control, standing, findings: await store.findings() }

  async function begun() {
    const engine: Engine = createDetection({ ...detection, lane: 'replay', keeping: 'packs' }).engine
    const times = new SourceTimes({
      topics: [{ source: 'gateway', topic: 'gateway' }],
      heardOf: () => true,
      isGone: () => false,
    })
    const recorder = new Recorder()
    for await (const pack of store.packs()) engine.restore(pack)
    engine.restored(committed.watermark, (await store.restore()).openFindings)
    if (committed.sources) times.restore(committed.sources)
    recorder.begin(times.positions, engine.watermark, { manifest: detection.digest })
    const cluster = {
      layout: 'ours',
      log: { error: () => {} },
      status: { foreign: 0, cameLate: () => {} },
    } as never
    const intake = new ObservationIntake({ cluster, partition: 0, engine, times, recorder })
    return { engine, times, recorder, intake }
  }
}

/** Judges it all again, as the control log says. */
async function again(
  lives: Awaited<ReturnType<typeof judged>>[],
  events: ReadonlyMap<string, Event[]>,
  isWhole = true,
) {
  const control = lives.flatMap((life, partition) =>
    life.control
      .filter(({ kind }) => isWhole || kind !== 'late')
      .map((entry) => ({ by: `detect ${partition}`, written: 0, entry })),
  )
  const begins = [...events.keys()].flatMap((key): ControlEntry[] => [
    { kind: 'cut', at: 0, positions: [] },
    { kind: 'manifest', at: 0, digest: detection.digest },
    { kind: 'source-active', at: 0, partition: key, from: 0 },
  ])
  const written = begins.map((entry, nth) => ({
    by: `ingest gateway gateway:${Math.floor(nth / 3)}`,
    written: 0,
    entry,
  }))
  const standings = new Map(lives.map(({ standing }, partition) => [partition, standing]))
  const recording = { control: [...written, ...control], standings, snapshots: new Map(), marks: new Map() }
  const tally = new Tally()
  const all = recordedCluster(recording, 'control').partitions.map(
    (recorded) =>
      new JudgedPartition(recorded, { first: detection, tally, detections: { layoutOf: () => 'ours' } }),
  )
  const collecting = new CollectingAgain({ readBy: detection, layout: 'ours', partitions: all })
  const next = new Map<string, number>()
  const steps = all.flatMap((one) =>
    one.recorded.run.eras.flatMap(({ cuts }) => cuts.map((cut) => ({ one, cut }))),
  )
  for (const { one, cut } of steps.sort((left, right) => left.cut.at - right.cut.at)) {
    for (const [key, to] of cut.positions) {
      const from = next.get(key) ?? 0
      const taken = (events.get(key) ?? []).slice(from, to)
      next.set(key, Math.max(from, to))
      collecting.take(
        taken.map((event, nth) => ({ event, offset: from + nth, lane: { key } }) as unknown as Located),
      )
    }
    collecting.deal()
    await one.seal(cut.at, detection)
  }
  const lateNow = all.reduce((sum, { lateNow: own }) => sum + own, 0)
  return { lateNow, late: tally.late, findings: await Promise.all(all.map((one) => one.findings())) }
}

const textOf = (findings: readonly Finding[]) => findings.map((finding) => JSON.stringify(finding)).sort()

it('finds what was found live, whatever was late, foreign or taken over between two commits', async () => {
  let [late, differing] = [0, 0]
  for (let seed = 0; seed < 6; seed++) {
    const random = seededRandom(seed)
    const { logs, events } = sent(random)
    const lives = []
    for (const log of logs) lives.push(await judged(log, random))
    const replayed = await again(lives, events)
    for (const [partition, { findings }] of lives.entries())
      expect(textOf(replayed.findings[partition] ?? []), `seed ${seed}`).toEqual(textOf(findings))
    expect(replayed.lateNow).toBe(0)
    late += replayed.late
    const other = await again(lives, events, false)
    if (lives.some(({ findings }, at) => textOf(findings).join() !== textOf(other.findings[at] ?? []).join()))
      differing++
  }
  // Or it shows little.
  expect(late).toBeGreaterThan(100)
  expect(differing).toBeGreaterThan(3)
})
