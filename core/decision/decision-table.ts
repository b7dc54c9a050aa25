import type { Decision } from './decision.ts'
import { goesBefore } from './decision-precedence.ts'
import { decisionProblem } from './decision-problem.ts'
import { type Subject, type SubjectScope, subjectId, subjectScopes } from './subject.ts'
import { TokenBucket } from './token-bucket.ts'
import { allowed, refusalBy, type Verdict } from './verdict.ts'

interface Entry {
  readonly decision: Decision
  readonly bucket: TokenBucket | undefined
  /** Tokens issued at or before this instant are refused, others not; `undefined`: whatever was issued when. */
  readonly issuedUntil: number | undefined
}

/**
 * The enforcements in force, in memory, for decision points that answer while a request waits. It reads no clock:
 * every time is an argument, epoch milliseconds. A lookup costs one map access for each id of the subject.
 */
export class DecisionTable {
  readonly #entries = new Map<string, Entry>()
  readonly #index = new Map<SubjectScope, Map<string, Entry[]>>(
    subjectScopes.map((scope) => [scope, new Map<string, Entry[]>()]),
  )

  get size(): number {
    return this.#entries.size
  }

  /** All decisions held, also those not yet begun or already ended, in no particular order. */
  list(): Decision[] {
    return [...this.#entries.values()].map((entry) => entry.decision)
  }

  /**
   * Puts a decision in force, in place of one with the same id; a throttle applied again with the same rate keeps
   * its bucket, or every reconcile would hand out a full one. Throws `RangeError` for one that can't be enforced.
   */
  apply(decision: Decision): void {
    const problem = decisionProblem(decision)
    if (problem !== undefined) throw new RangeError(problem)
    const bucket = bucketFor(decision, this.#entries.get(decision.id)?.bucket)
    this.remove(decision.id)
    this.#insert({ decision, bucket, issuedUntil: cutOff(decision) })
  }

  /** Ends a decision at once; false when there was none. */
  remove(id: string): boolean {
    const entry = this.#entries.get(id)
    if (!entry) return false
    this.#entries.delete(id)
    const { scope, value } = entry.decision
    const byValue = this.#index.get(scope as SubjectScope)
    const rest = byValue?.get(value)?.filter((other) => other !== entry) ?? []
    if (rest.length > 0) byValue?.set(value, rest)
    else byValue?.delete(value)
    return true
  }

  /**
   * Makes the table hold exactly these. Those that can't be enforced are left out and named in an `AggregateError`,
   * thrown after all others are in force, so that one bad record doesn't lift the whole protection.
   */
  replaceAll(decisions: Iterable<Decision>): void {
    const kept = new Set<string>()
    const problems: unknown[] = []
    for (const decision of decisions) {
      try {
        this.apply(decision)
        kept.add(decision.id)
      } catch (error) {
        problems.push(error)
      }
    }
    for (const id of [...this.#entries.keys()]) if (!kept.has(id)) this.remove(id)
    if (problems.length > 0) {
      throw new AggregateError(
        problems,
        `${problems.length} of the decisions can't be enforced: ${problems[0]}`,
      )
    }
  }

  /** Forgets what has ended; lookups don't need it, memory does. Returns how many. */
  removeExpired(nowMs: number): number {
    const expired = this.list().filter((decision) => decision.until <= nowMs)
    for (const { id } of expired) this.remove(id)
    return expired.length
  }

  /**
   * Is this request allowed now? Revoke goes before deny before throttle; among equals the one that ends last
   * answers, then the smallest id. A request takes a token of every throttle that binds it, or, refused, of none.
   */
  lookup(subject: Subject, nowMs: number): Verdict {
    let refusing: Decision | undefined
    let waitMs = 0
    let throttled = false
    for (const scope of subjectScopes) {
      const entries = this.#entriesOf(subject, scope)
      if (!entries) continue
      for (const entry of entries) {
        if (!isInForce(entry, subject, nowMs)) continue
        if (entry.bucket) {
          throttled = true
          const entryWaitMs = entry.bucket.waitMs(nowMs)
          if (entryWaitMs === 0) continue
          waitMs = Math.max(waitMs, Math.min(entryWaitMs, entry.decision.until - nowMs))
        }
        if (!refusing || goesBefore(entry.decision, refusing)) refusing = entry.decision
      }
    }
    if (refusing) return refusalBy(refusing, waitMs)
    if (throttled) this.#takeTokens(subject, nowMs)
    return allowed
  }

  #takeTokens(subject: Subject, nowMs: number): void {
    for (const scope of subjectScopes) {
      const entries = this.#entriesOf(subject, scope)
      if (!entries) continue
      for (const entry of entries) if (isInForce(entry, subject, nowMs)) entry.bucket?.take(nowMs)
    }
  }

  #entriesOf(subject: Subject, scope: SubjectScope): readonly Entry[] | undefined {
    const byValue = this.#index.get(scope)
    // An empty scope is the usual case, and deriving a network from an address isn't free.
    if (!byValue || byValue.size === 0) return undefined
    const id = subjectId(subject, scope)
    return id === undefined ? undefined : byValue.get(id)
  }

  #insert(entry: Entry): void {
    const { id, scope, value } = entry.decision
    this.#entries.set(id, entry)
    const byValue = this.#index.get(scope as SubjectScope)
    byValue?.set(value, [...(byValue.get(value) ?? []), entry])
  }
}

function isInForce({ decision, issuedUntil }: Entry, subject: Subject, nowMs: number): boolean {
  if (nowMs < decision.from || nowMs >= decision.until) return false
  // No known time of issue is no proof of an old token: a lock-out by mistake is worse than a request let through.
  return issuedUntil === undefined || (subject.iat !== undefined && subject.iat <= issuedUntil)
}

/** A revoked principal may log in again: only tokens issued before the cut-off, else before the revocation, end. */
function cutOff({ type, scope, issuedUntil, from }: Decision): number | undefined {
  if (type !== 'revoke') return undefined
  return issuedUntil ?? (scope === 'principal' ? from : undefined)
}

function bucketFor({ type, rate, from }: Decision, old: TokenBucket | undefined): TokenBucket | undefined {
  if (type !== 'throttle' || !rate) return undefined
  const isSame = old?.rate.count === rate.count && old.rate.perMs === rate.perMs
  return isSame ? old : new TokenBucket(rate, from)
}
