import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Cells,
  decodeCells,
  encodeCells,
  mergeCells,
  openCells,
  type Shape,
} from '../../core/aggregates/aggregate.ts'
import { ByteReader, ByteWriter } from '../../core/aggregates/bytes.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { shardCount } from '../../core/engine/bounds.ts'
import { canonicalId } from '../../core/entity/canonical-id.ts'
import type { Event } from '../../core/event/event.ts'
import { publicHash } from '../../core/hash/keyed-hash.ts'
import { arbitraryEvents } from '../engine/arbitrary-event.ts'
import { engineFor, findingsText, judgeEvents } from '../engine/judge-events.ts'

export interface LawCase {
  readonly detector: Detector
  /** Low thresholds, so that random events do make findings. */
  readonly config: Record<string, unknown>
  /** A recorded attack: the laws must hold on what matters, not only on noise. */
  readonly attack: readonly Event[]
}

/** The laws of docs/architecture.md, which every detector keeps. */
export function runDetectorLaws({ detector, config, attack }: LawCase): void {
  const runs = { numRuns: 60 }
  const noise = arbitraryEvents(detector)
  /** Noise, or a part of the attack among noise. */
  const events = fc.oneof(
    noise,
    fc
      .tuple(noise, fc.subarray([...attack], { minLength: Math.min(5, attack.length) }))
      .map((parts) => parts.flat()),
  )

  describe(`laws of ${detector.id}`, () => {
    it('final findings are a function of the set of accepted events', () => {
      const shuffled = events.chain((list) =>
        fc.tuple(
          fc.constant(list),
          fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }),
        ),
      )
      fc.assert(
        fc.property(shuffled, fc.integer({ min: 1, max: 64 }), ([list, other], batch) => {
          const sorted = [...list].sort((left, right) => left.time - right.time)
          const straight = judgeEvents(detector, sorted, { config, latenessMs: 0, batch: 1 })
          const mixed = judgeEvents(detector, other, { config, latenessMs: 10 ** 12, batch })
          expect(straight.late + mixed.late).toBe(0)
          expect(findingsText(mixed.finals)).toBe(findingsText(straight.finals))
        }),
        runs,
      )
    })

    it('restarts change nothing', () => {
      fc.assert(
        fc.property(events, fc.integer({ min: 1, max: 50 }), (list, restartEvery) => {
          const sorted = [...list].sort((left, right) => left.time - right.time)
          const options = { config, latenessMs: 30_000, batch: 7 }
          const straight = judgeEvents(detector, sorted, options)
          const restarted = judgeEvents(detector, sorted, { ...options, restartEvery })
          expect(findingsText(restarted.finals)).toBe(findingsText(straight.finals))
        }),
        runs,
      )
    })

    it('what is proved at arrival is confirmed once sealed, under the same id', () => {
      fc.assert(
        fc.property(events, (list) => {
          const { finals, provisional } = judgeEvents(detector, list, { config, latenessMs: 10 ** 12 })
          const ids = new Set(finals.map((finding) => finding.id))
          for (const id of provisional) expect(ids).toContain(id)
        }),
        runs,
      )
    })

    it('a proof stands whatever comes after it', () => {
      if (!detector.proves) return
      fc.assert(
        fc.property(events, events, (before, after) => {
          const some = judgeEvents(detector, before, { config, latenessMs: 10 ** 12 })
          const more = judgeEvents(detector, [...before, ...after], { config, latenessMs: 10 ** 12 })
          for (const id of some.provisional) expect(more.provisional).toContain(id)
        }),
        runs,
      )
    })

    it('aggregates merge in any order and grouping, and survive their codec', () => {
      fc.assert(
        fc.property(events, fc.integer({ min: 2, max: 5 }), (list, parts) => {
          const whole = collect(detector, list, config)
          const split = Array.from({ length: parts }, (_, part) =>
            collect(
              detector,
              list.filter((_event, index) => index % parts === part),
              config,
            ),
          )
          const forward = mergeAll(detector, split)
          const backward = mergeAll(
            detector,
            [...split].reverse().map((part) => roundTrip(detector, part)),
          )
          expect(bytesOf(detector, forward)).toEqual(bytesOf(detector, whole))
          expect(bytesOf(detector, backward)).toEqual(bytesOf(detector, whole))
        }),
        runs,
      )
    })

    it('findings fit the evidence schema, with scores from 0 to 1', () => {
      fc.assert(
        fc.property(events, (list) => {
          for (const finding of judgeEvents(detector, list, { config }).finals) {
            expect(detector.evidence.parse(finding.evidence)).toEqual(finding.evidence)
            expect(finding.score).toBeGreaterThanOrEqual(0)
            expect(finding.score).toBeLessThanOrEqual(1)
          }
        }),
        runs,
      )
    })

    it('the recorded attack makes a finding, so that the laws above are not about nothing', () => {
      expect(judgeEvents(detector, attack, { config }).finals.length).toBeGreaterThan(0)
    })

    it('state is bounded, and evicting does not depend on the order of arrival', () => {
      const engine = { entitiesMax: shardCount }
      const flood = Array.from({ length: 400 }, (_, index) =>
        attack
          .slice(0, 5)
          .map((event) => ({ ...event, ...someoneElse(index), time: event.time + index * 1000 })),
      )
        .flat()
        .sort((left, right) => left.time - right.time)
      const straight = judgeEvents(detector, flood, { config, engine, batch: 1, latenessMs: 0 })
      const mixed = judgeEvents(detector, [...flood].reverse(), { config, engine, latenessMs: 10 ** 12 })
      expect(straight.late).toBe(0)
      expect(findingsText(mixed.finals)).toBe(findingsText(straight.finals))
      const bounded = engineFor(detector, { config, engine })
      for (const event of flood) bounded.observe({ ...event })
      bounded.advance((flood[flood.length - 1] as Event).time + 60_000)
      expect(bounded.entityCounts().get(detector.id)).toBeLessThan(400)
    })
  })
}

/** The same event by another client. */
function someoneElse(index: number): Partial<Event> {
  const ip = `198.51.${Math.floor(index / 200)}.${index % 200}`
  const id = `client-${index}`
  return {
    'client.ip': ip,
    'principal.id': id,
    'key.id': id,
    'client.id': id,
    'token.jti': id,
    'webhook.provider': id,
  }
}

type Collected = Map<string, Cells<Shape>>

function shapeOf(detector: Detector): Shape {
  return { ...detector.pane, ...detector.memory }
}

function collect(detector: Detector, list: readonly Event[], overrides: Record<string, unknown>): Collected {
  const collected: Collected = new Map()
  const config = detector.config.parse(overrides)
  for (const event of list) {
    detector.observe(
      event,
      (kind, text) => {
        const id = canonicalId(kind, text)
        if (id === undefined) return undefined
        const cells = collected.get(`${kind}:${id}`) ?? openCells(shapeOf(detector), publicHash)
        collected.set(`${kind}:${id}`, cells)
        return cells
      },
      config,
    )
  }
  return collected
}

function mergeAll(detector: Detector, parts: readonly Collected[]): Collected {
  const merged: Collected = new Map()
  for (const part of parts) {
    for (const [key, cells] of part) {
      const into = merged.get(key) ?? openCells(shapeOf(detector), publicHash)
      mergeCells(shapeOf(detector), into, cells)
      merged.set(key, into)
    }
  }
  return merged
}

function roundTrip(detector: Detector, collected: Collected): Collected {
  return new Map(
    [...collected].map(([key, cells]) => {
      const out = new ByteWriter()
      encodeCells(shapeOf(detector), cells, out)
      return [key, decodeCells(shapeOf(detector), new ByteReader(out.finish()), publicHash)]
    }),
  )
}

function bytesOf(detector: Detector, collected: Collected): [string, string][] {
  return [...collected]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, cells]) => {
      const out = new ByteWriter()
      encodeCells(shapeOf(detector), cells, out)
      return [key, Buffer.from(out.finish()).toString('hex')]
    })
}
