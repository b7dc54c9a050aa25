import type { Detector } from '../../core/detector/detector.ts'
import type { Finding } from '../../core/detector/finding.ts'
import { byLastThenId } from '../../core/detector/finding-order.ts'
import { Collector } from '../../core/engine/collector.ts'
import { Engine } from '../../core/engine/engine.ts'
import type { EngineOptions } from '../../core/engine/engine-options.ts'
import type { Event } from '../../core/event/event.ts'
import { publicHash } from '../../core/hash/keyed-hash.ts'
import { canonicalJson } from '../../core/manifest/canonical-json.ts'
import type { EntityPack } from '../../core/ports/state-store.ts'
import { EntityLogs } from '../../storage/memory/entity-logs.ts'

export interface JudgeOptions {
  /** Config fields that differ from the defaults. */
  readonly config?: Record<string, unknown>
  /** The watermark follows the greatest time at this distance, moved every `batch` events. */
  readonly latenessMs?: number
  readonly batch?: number
  /** Throws the engine away and restores a new one from stored state after every this many events. */
  readonly restartEvery?: number
  readonly engine?: Partial<EngineOptions>
}

export interface Judged {
  readonly finals: readonly Finding[]
  /** Ids that were ever released as provisional. */
  readonly provisional: ReadonlySet<string>
  readonly late: number
}

/** An engine with one detector under its default config. */
export function engineFor(detector: Detector, { config = {}, engine = {} }: JudgeOptions = {}): Engine {
  return new Engine({
    space: 'default',
    lane: 'replay',
    manifest: 'm1:test',
    detectors: [{ detector, config: detector.config.parse(config) }],
    hash: publicHash,
    keeping: 'nothing',
    ...engine,
  })
}

/** Runs events in the given order through one detector and returns what was final at the end. */
export function judgeEvents(
  detector: Detector,
  events: readonly Event[],
  options: JudgeOptions = {},
): Judged {
  const { latenessMs = 300_000, batch = 256, restartEvery = Number.POSITIVE_INFINITY } = options
  const keeping = Number.isFinite(restartEvery) ? 'packs' : 'nothing'
  const open = () => engineFor(detector, { ...options, engine: { keeping, ...options.engine } })
  let engine = open()
  const findings = new Map<string, Finding>()
  const provisional = new Set<string>()
  const stored = new EntityLogs()
  let late = 0
  let greatest = Number.NEGATIVE_INFINITY
  function drain(): void {
    const output = engine.drain()
    late += output.late
    for (const finding of output.findings) {
      findings.set(finding.id, finding)
      if (finding.state === 'provisional') provisional.add(finding.id)
    }
  }
  events.forEach((event, index) => {
    greatest = Math.max(greatest, event.time)
    engine.observe({ ...event })
    if (index % batch === batch - 1) engine.advance(greatest - latenessMs)
    if (index % restartEvery === restartEvery - 1) {
      drain()
      stored.apply(engine.cutState().packs())
      const { watermark } = engine
      engine = open()
      for (const pack of stored.all()) engine.restore(pack)
      engine.restored(watermark, [...findings.values()])
    }
    if (index % batch === batch - 1) drain()
  })
  // Before sealing, so that what is provisional is seen as such.
  drain()
  engine.advance(Number.POSITIVE_INFINITY)
  drain()
  return { finals: finalsOf(findings), provisional, late }
}

/**
 * The same through collectors: events, which are in the order of time, are dealt out to `parts` of them. Every `batch` events
 * what they have goes to an engine, in any order, which seals, stores what changed, and is thrown away for one that is restored.
 */
export function judgeCollected(
  detector: Detector,
  events: readonly Event[],
  { config = {}, parts, batch }: { readonly config?: Record<string, unknown>; parts: number; batch: number },
): Judged {
  const configured = { detector, config: detector.config.parse(config) }
  const collectors = Array.from({ length: parts }, () => new Collector('default', [configured], publicHash))
  const open = () => engineFor(detector, { config, engine: { keeping: 'packs' } })
  let engine = open()
  const findings = new Map<string, Finding>()
  const provisional = new Set<string>()
  let stored: EntityPack[] = []
  let late = 0
  function drain(): void {
    const output = engine.drain()
    late += output.late
    for (const finding of output.findings) {
      findings.set(finding.id, finding)
      if (finding.state === 'provisional') provisional.add(finding.id)
    }
  }
  function take(watermark: number): void {
    const packs = collectors.flatMap((collector) => collector.drain(3))
    for (const pack of packs.reverse()) engine.absorb(pack)
    drain()
    engine.advance(watermark)
    drain()
  }
  function restart(): void {
    for (const pack of engine.cutState().packs()) {
      stored = stored.filter(({ part, number }) => part !== pack.part || number >= pack.oldest)
      stored.push(pack)
    }
    const { watermark } = engine
    engine = open()
    for (const pack of stored) engine.restore(pack)
    engine.restored(watermark, [...findings.values()])
  }
  for (const [index, event] of events.entries()) {
    collectors[index % parts]?.observeAll([{ event: { ...event } }])
    if (index % batch < batch - 1) continue
    take(event.time)
    restart()
  }
  take(Number.POSITIVE_INFINITY)
  return { finals: finalsOf(findings), provisional, late }
}

function finalsOf(findings: ReadonlyMap<string, Finding>): Finding[] {
  return [...findings.values()].filter(({ state }) => state === 'final').sort(byLastThenId)
}

/** Findings as text, to compare runs byte for byte. */
export function findingsText(findings: readonly Finding[]): string {
  return findings.map(canonicalJson).join('\n')
}
