import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Decision, decisionTypes } from './decision.ts'
import { DecisionTable } from './decision-table.ts'
import { type Subject, subjectId, subjectScopes } from './subject.ts'

/** The rules as plainly as they can be said: no index, and buckets replayed from the times of what was let through. */
class Model {
  decisions: Decision[] = []
  readonly #taken = new Map<string, number[]>()

  apply(decision: Decision): void {
    this.decisions = [...this.decisions.filter(({ id }) => id !== decision.id), decision]
  }

  remove(id: string): void {
    this.decisions = this.decisions.filter((decision) => decision.id !== id)
    this.#taken.delete(id)
  }

  lookup(subject: Subject, now: number): { type: string; id?: string; retryAfterS?: number } {
    const bound = this.decisions.filter((decision) => isBound(decision, subject, now))
    const refusing = bound
      .filter((decision) => decision.type !== 'throttle' || this.#waitMs(decision, now) > 0)
      .sort(
        (one, other) =>
          decisionTypes.indexOf(other.type) - decisionTypes.indexOf(one.type) ||
          other.until - one.until ||
          (one.id < other.id ? -1 : 1),
      )
    const first = refusing[0]
    if (first?.type === 'throttle') {
      const waits = refusing.map((decision) => Math.min(this.#waitMs(decision, now), decision.until - now))
      return {
        type: 'throttle',
        id: first.id,
        retryAfterS: Math.max(1, Math.ceil(Math.max(...waits) / 1000)),
      }
    }
    if (first) return { type: first.type, id: first.id }
    for (const { id } of bound) this.#taken.set(id, [...(this.#taken.get(id) ?? []), now])
    return { type: 'allow' }
  }

  #waitMs({ id, rate }: Decision, now: number): number {
    if (!rate) return 0
    let level = rate.count * rate.perMs
    let at = 0
    for (const time of [...(this.#taken.get(id) ?? []), now]) {
      level = Math.min(rate.count * rate.perMs, level + (time - at) * rate.count) - rate.perMs
      at = time
    }
    return level >= 0 ? 0 : Math.ceil(-level / rate.count)
  }
}

function isBound(decision: Decision, subject: Subject, now: number): boolean {
  const scope = subjectScopes.find((known) => known === decision.scope)
  if (scope === undefined || subjectId(subject, scope) !== decision.value) return false
  if (now < decision.from || now >= decision.until) return false
  const isCutOff =
    decision.type === 'revoke' && (decision.scope === 'principal' || decision.issuedUntil !== undefined)
  return !isCutOff || (subject.iat !== undefined && subject.iat <= (decision.issuedUntil ?? decision.from))
}

const times = fc.integer({ min: 0, max: 300 })
const targets = fc.constantFrom(
  { scope: 'ip', value: '192.0.2.1' },
  { scope: 'ip', value: '192.0.2.2' },
  { scope: 'network', value: '192.0.2.0/24' },
  { scope: 'principal', value: 'p1' },
  { scope: 'principal', value: 'p2' },
  { scope: 'token', value: 'j1' },
  { scope: 'route', value: '/login' },
)
// The id carries the rate, for a throttle applied again with another rate starts with a full bucket.
const decisions = fc
  .record({
    n: fc.integer({ min: 0, max: 5 }),
    target: targets,
    type: fc.constantFrom('throttle', 'throttle', 'deny', 'revoke'),
    count: fc.integer({ min: 1, max: 3 }),
    perMs: fc.integer({ min: 1, max: 4000 }),
    issuedUntil: fc.option(times, { nil: undefined }),
    // Few instants, so that several decisions end together.
    from: fc.constantFrom(0, 100, 200),
    forMs: fc.constantFrom(1, 100, 200, 300, 3000),
  })
  .map(({ n, target, type, count, perMs, issuedUntil, from, forMs }): Decision => {
    const common = { ...target, from, until: from + forMs, reason: 'r', by: 'person:p' } as const
    const id = `${n}-${type}-${count}-${perMs}`
    if (type === 'throttle') return { ...common, id, type, rate: { count, perMs } }
    return {
      ...common,
      id,
      type: type as 'deny' | 'revoke',
      ...(issuedUntil !== undefined && { issuedUntil }),
    }
  })
const subjects = fc.record({
  ip: fc.constantFrom('192.0.2.1', '192.0.2.2', '198.51.100.1', undefined),
  principal: fc.constantFrom('p1', 'p2', undefined),
  jti: fc.constantFrom('j1', 'j2', undefined),
  iat: fc.option(times, { nil: undefined }),
  route: fc.constantFrom('/login', '/orders', undefined),
})
const commands = fc.oneof(
  { weight: 2, arbitrary: decisions.map((decision) => ({ do: 'apply' as const, decision })) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 9 }).map((nth) => ({ do: 'remove' as const, nth })) },
  {
    weight: 1,
    arbitrary: fc.array(decisions, { maxLength: 4 }).map((list) => ({ do: 'replaceAll' as const, list })),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'removeExpired' as const }) },
  {
    weight: 8,
    arbitrary: fc.record({ subject: subjects, waitMs: fc.constantFrom(0, 0, 0, 1, 20, 700) }).map((rest) => ({
      do: 'lookup' as const,
      ...rest,
    })),
  },
)

it('answers as the plain rules do, whatever was applied, removed and asked before', () => {
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 60, size: 'max' }), (steps) => {
      const table = new DecisionTable()
      const model = new Model()
      let now = 0
      for (const step of steps) {
        if (step.do === 'apply') {
          table.apply(step.decision)
          model.apply(step.decision)
        } else if (step.do === 'remove') {
          const id = model.decisions[step.nth]?.id ?? 'none'
          expect(table.remove(id)).toBe(id !== 'none')
          model.remove(id)
        } else if (step.do === 'replaceAll') {
          const ids = new Set(step.list.map(({ id }) => id))
          for (const { id } of model.decisions) if (!ids.has(id)) model.remove(id)
          for (const decision of step.list) model.apply(decision)
          table.replaceAll(step.list)
        } else if (step.do === 'removeExpired') {
          for (const { id, until } of model.decisions) if (until <= now) model.remove(id)
          table.removeExpired(now)
        } else {
          now += step.waitMs
          const verdict = table.lookup(step.subject, now)
          const { type } = verdict
          const answered =
            type === 'allow'
              ? { type }
              : {
                  type,
                  id: verdict.decision.id,
                  ...(type === 'throttle' && { retryAfterS: verdict.retryAfterS }),
                }
          expect(answered).toEqual(model.lookup(step.subject, now))
        }
        expect(table.size).toBe(model.decisions.length)
      }
    }),
    { numRuns: 300 },
  )
})
