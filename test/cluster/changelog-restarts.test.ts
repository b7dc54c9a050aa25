import { expect, it } from 'vitest'
import { z } from 'zod'
import { KeptPacks } from '../../cli/cluster/detect/changelog/kept-packs.ts'
import { stateMessages } from '../../cli/cluster/detect/changelog/state-messages.ts'
import { folded } from '../../core/aggregates/aggregate.ts'
import { counter } from '../../core/aggregates/counter.ts'
import { table } from '../../core/aggregates/table.ts'
import { type Detector, defineDetector } from '../../core/detector/detector.ts'
import type { Finding } from '../../core/detector/finding.ts'
import { Engine } from '../../core/engine/engine.ts'
import type { EngineOptions } from '../../core/engine/engine-options.ts'
import type { Event } from '../../core/event/event.ts'
import { publicHash } from '../../core/hash/keyed-hash.ts'
import type { EntityPack } from '../../core/ports/state-store.ts'
import { type Random, seededRandom } from '../scenarios/random.ts'
import { ChangelogLog } from './changelog-log.ts'

const start = Date.UTC(2026, 0, 5)
/** Small, so that a short run cleans its log all the time. */
const packBounds = { deadBytesMin: 600, packsMax: 12, renewedBytesMax: 1500 }
const seen = counter()
const paths = table(8, { hits: 'sum' })
/** It claims everything that it knows, of windows and memory that are soon forgotten. */
const told = defineDetector({
  id: 'told',
  version: 1,
  summary: '',
  threats: [],
  config: z.any(),
  vantage: 'any',
  reads: ['client.ip', 'path'],
  window: () => ({ size: '1m', pane: '15s', memory: { pane: '1m', retention: '5m' } }),
  observes: () => null,
  sums: ['seen'],
  pane: { seen, paths },
  memory: {
    ever: counter(),
    seenBefore: folded('seen', counter()),
    pathsBefore: folded('paths', table(8, { hits: 'sum' })),
  },
  observe(event, emit) {
    const cells = emit('ip', event['client.ip'])
    cells?.seen.add()
    cells?.ever.add()
    cells?.paths.add(event.path ?? '', { hits: 1 })
  },
  judge: ({ total, memory }) => ({
    score: 1,
    severity: 'high',
    evidence: {
      seen: total.seen.value,
      ever: memory.ever.value,
      before: memory.seenBefore.value,
      paths: JSON.stringify([...total.paths.rows(), ...memory.pathsBefore.rows()]),
    },
  }),
  evidence: z.any(),
}) as unknown as Detector

const instances = (numbers: readonly number[]) =>
  numbers.map((number) => ({
    detector: { ...told, id: number === 0 ? told.id : `told-${number}` },
    config: {},
  }))

type Step = { readonly event: Event } | { readonly watermark: number }

/** An engine and what it found; findings are kept as the newest of their ids. */
class Judging {
  readonly found = new Map<string, Finding>()
  readonly engine: Engine

  constructor(options: Pick<EngineOptions, 'keeping' | 'entitiesMax'>, numbers: readonly number[]) {
    const detectors = instances(numbers)
    const frame = { space: 'default', lane: 'replay', manifest: 'm', hash: publicHash, packBounds } as const
    this.engine = new Engine({ ...frame, ...options, detectors })
  }

  take(step: Step): void {
    if ('event' in step) this.engine.observe({ ...step.event })
    else this.engine.advance(step.watermark)
    this.drain()
  }

  /** Learns what a log has in the end, its packs all at once. */
  restoreAll(packs: readonly EntityPack[], time: number, findings: readonly Finding[]): this {
    for (const pack of packs) this.engine.restore(pack)
    this.engine.restored(time, findings)
    return this
  }

  /** What the engine knows of some addresses, and how many it knows. */
  knows(addresses: readonly string[]): string {
    const known = addresses.map((id) =>
      this.engine.peek(told.id, { kind: 'ip', id }, ({ total, memory }) =>
        [total.seen, memory.ever, memory.seenBefore].map((cell) => (cell as { value: number }).value),
      ),
    )
    return JSON.stringify([...this.engine.entityCounts(), ...known])
  }

  drain(): void {
    for (const finding of this.engine.drain().findings) this.found.set(finding.id, finding)
  }

  /** What the instance found that is always configured. */
  get text(): string {
    const own = [...this.found.values()].filter(({ detector }) => detector === told.id)
    return JSON.stringify(own.sort((left, right) => (left.id < right.id ? -1 : 1)))
  }
}

interface Mode {
  readonly instances: readonly (readonly number[])[]
  /** The log was written by a version before packs, now and then. */
  readonly isOlder?: boolean
  /** What is known is deleted now and then. */
  readonly forgets?: boolean
  readonly entitiesMax: readonly number[]
}

/** One run with commits, some of which fail, kills and compaction; gives what was found, and what one that is never killed found. */
function run(random: Random, mode: Mode): { readonly found: string; readonly expected: string } {
  const options = { entitiesMax: random.pick(mode.entitiesMax) }
  const addresses = random.pick([5, 40, 200])
  let whole = new Judging({ ...options, keeping: 'nothing' }, [0])
  const log = new ChangelogLog()
  let kept = new KeptPacks()
  let one = new Judging({ ...options, keeping: 'packs' }, random.pick(mode.instances))
  let uncommitted: Step[] = []
  let found = new Map<string, Finding>()
  let time = start

  const take = (step: Step): Step => {
    whole.take(step)
    one.take(step)
    return step
  }
  const address = () => `10.0.${random.int(0, 1)}.${random.int(0, addresses)}`
  const event = () => {
    const ip = address()
    const at = Math.max(start, time - random.int(0, 20_000))
    return take({ event: { time: at, 'client.ip': ip, path: `/${random.int(0, 30)}` } })
  }
  const restart = () => {
    const configured = random.pick(mode.instances)
    one = new Judging({ ...options, keeping: 'packs' }, configured)
    for (const [id, finding] of found) one.found.set(id, finding)
    const restored = log.restore(one.engine, random)
    kept = restored.kept
    const { time = { watermark: Number.NEGATIVE_INFINITY }, findings } = restored
    one.engine.restored(time.watermark, findings)
    const atOnce = new Judging({ ...options, keeping: 'packs' }, configured)
    atOnce.restoreAll(log.packs(), time.watermark, findings)
    const some = Array.from({ length: 10 }, address)
    expect(one.knows(some)).toBe(atOnce.knows(some))
    for (const step of uncommitted) one.take(step)
    return { watermark: time.watermark, findings }
  }
  const forget = () => {
    log.forget()
    uncommitted = []
    const { watermark, findings } = restart()
    whole = new Judging({ ...options, keeping: 'nothing' }, [0]).restoreAll([], watermark, findings)
    for (const [id, finding] of found) whole.found.set(id, finding)
  }
  const commit = () => {
    one.drain()
    const { watermark } = one.engine
    const findings = [...one.found.values()]
    const cut = one.engine.cutState()
    const since = Array.from({ length: random.int(0, 4) }, () => {
      if (random.chance(0.5)) cut.some()
      return random.chance(0.1) ? take({ watermark: time - 5000 }) : event()
    })
    while (cut.some());
    const changes = { packs: cut.packs(), findings, closed: [], time: { watermark, sources: '', next: 0 } }
    const messages = stateMessages(changes, 0, kept)
    const isAborted = random.chance(0.1)
    if (isAborted) uncommitted.push(...since)
    else {
      log.append(messages)
      uncommitted = since
      found = new Map(findings.map((finding) => [finding.id, finding]))
    }
    // Whoever learns of a failure begins anew, whether the broker has it or not.
    if (isAborted || random.chance(0.1)) restart()
    if (random.chance(0.4)) log.compact(random)
  }

  for (let step = 0; step < 150; step++) {
    const chance = random.next()
    if (chance < 0.55) {
      for (let left = random.int(1, 10); left > 0; left--) uncommitted.push(event())
      time += random.int(0, random.chance(0.05) ? 200_000 : 8000)
    } else if (chance < 0.68) uncommitted.push(take({ watermark: time - random.int(0, 20_000) }))
    else if (chance < 0.92) commit()
    else {
      if (mode.isOlder && random.chance(0.25)) log.becomeOlder()
      if (mode.forgets && random.chance(0.25)) forget()
      else restart()
    }
  }
  take({ watermark: time + 1_000_000 })
  return { found: one.text, expected: whole.text }
}

it.each<[string, Mode]>([
  ['one instance', { instances: [[0]], entitiesMax: [100_000, 64] }],
  ['what is forgotten, and begun anew', { instances: [[0]], forgets: true, entitiesMax: [100_000, 64] }],
  ['state that an older version wrote', { instances: [[0]], isOlder: true, entitiesMax: [100_000, 64] }],
  ['instances that share', { instances: [[0, 1]], isOlder: true, entitiesMax: [100_000, 64] }],
  // What an instance that was away gives up differs from what stayed, where entities are evicted.
  ['instances that come and go', { instances: [[0], [0, 1], [1, 0], [0, 1, 2]], entitiesMax: [100_000] }],
])('finds the same over kills, failed commits and compaction: %s', (_name, mode) => {
  for (let seed = 1; seed <= 25; seed++) {
    const { found, expected } = run(seededRandom(seed), mode)
    expect(found, `seed ${seed}`).toBe(expected)
    expect(expected.length).toBeGreaterThan(1000)
  }
})
