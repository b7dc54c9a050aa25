import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Shape } from '../../core/aggregates/aggregate.ts'
import { ByteReader } from '../../core/aggregates/byte-reader.ts'
import { ByteWriter } from '../../core/aggregates/byte-writer.ts'
import { CellArena } from '../../core/aggregates/cell-arena.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { shardCount } from '../../core/engine/recency.ts'
import { canonicalId } from '../../core/entity/canonical-id.ts'
import { entityKinds } from '../../core/entity/entity.ts'
import type { Event } from '../../core/event/event.ts'
import { publicHash } from '../../core/hash/keyed-hash.ts'
import { arbitraryEvents } from '../engine/arbitrary-event.ts'
import { engineFor, findingsText, judgeCollected, judgeEvents } from '../engine/judge-events.ts'

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

    it('what a detector says needs no judging would have claimed nothing', () => {
      fc.assert(
        fc.property(events, (list) => {
          const options = { config, latenessMs: 10 ** 12 }
          const spared = judgeEvents(detector, list, options)
          const all = judgeEvents(detector, list, { ...options, engine: { judgeAll: true } })
          expect(findingsText(spared.finals)).toBe(findingsText(all.finals))
          expect([...spared.provisional].sort()).toEqual([...all.provisional].sort())
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

    it('collected by several and merged, in any order and over restarts, it makes the same findings', () => {
      fc.assert(
        fc.property(
          events,
          fc.integer({ min: 1, max: 4 }),
          fc.integer({ min: 10, max: 100 }),
          (list, parts, batch) => {
            const sorted = [...list].sort((left, right) => left.time - right.time)
            const straight = judgeEvents(detector, sorted, { config, latenessMs: 10 ** 12 })
            const collected = judgeCollected(detector, sorted, { config, parts, batch })
            expect(collected.late).toBe(0)
            expect(findingsText(collected.finals)).toBe(findingsText(straight.finals))
            expect([...collected.provisional].sort()).toEqual([...straight.provisional].sort())
          },
        ),
        { numRuns: 25 },
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
          expect(bytesOf(forward)).toEqual(bytesOf(whole))
          expect(bytesOf(backward)).toEqual(bytesOf(whole))
        }),
        runs,
      )
    })

    it('findings fit the evidence schema and the kinds that are declared, with scores from 0 to 1', () => {
      fc.assert(
        fc.property(events, (list) => {
          for (const finding of judgeEvents(detector, list, { config }).finals) {
            expect(detector.evidence.parse(finding.evidence)).toEqual(finding.evidence)
            expect(detector.blames ?? entityKinds).toContain(finding.entity.kind)
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

/** Cells of each entity, by key, in slots of one arena. */
interface Collected {
  readonly arena: CellArena<Shape>
  readonly slots: Map<string, number>
}

function emptyFor(detector: Detector): Collected {
  return { arena: new CellArena({ ...detector.pane, ...detector.memory }, publicHash), slots: new Map() }
}

function slotOf({ arena, slots }: Collected, key: string): number {
  const slot = slots.get(key) ?? arena.open()
  slots.set(key, slot)
  return slot
}

function collect(detector: Detector, list: readonly Event[], overrides: Record<string, unknown>): Collected {
  const collected = emptyFor(detector)
  const view = collected.arena.view()
  const config = detector.config.parse(overrides)
  for (const event of list) {
    detector.observe(
      event,
      (kind, text) => {
        const id = canonicalId(kind, text)
        if (id === undefined) return undefined
        view.place.slot = slotOf(collected, `${kind}:${id}`)
        return view.cells
      },
      config,
    )
  }
  return collected
}

function mergeAll(detector: Detector, parts: readonly Collected[]): Collected {
  const merged = emptyFor(detector)
  for (const { arena, slots } of parts) {
    for (const [key, slot] of slots) merged.arena.merge(slotOf(merged, key), arena, slot)
  }
  return merged
}

function roundTrip(detector: Detector, { arena, slots }: Collected): Collected {
  const copy = emptyFor(detector)
  for (const [key, slot] of slots) {
    const out = new ByteWriter()
    arena.encode(slot, out)
    copy.arena.decode(slotOf(copy, key), new ByteReader(out.finish()))
  }
  return copy
}

function bytesOf({ arena, slots }: Collected): [string, string][] {
  return [...slots]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, slot]) => {
      const out = new ByteWriter()
      arena.encode(slot, out)
      return [key, Buffer.from(out.finish()).toString('hex')]
    })
}
