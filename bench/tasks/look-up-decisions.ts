// Looks up requests in a table of decisions, one after another, each timed by itself: making the ids of the request
// canonical is part of it, as it is when a gateway asks. The reference is one access to a map of as many addresses.
import { performance } from 'node:perf_hooks'
import type { Decision } from '../../core/decision/decision.ts'
import { DecisionTable } from '../../core/decision/decision-table.ts'
import { type Subject, subjectOf } from '../../core/decision/subject.ts'
import { canonicalId } from '../../core/entity/canonical-id.ts'
import { mixedId } from '../workloads/mix.ts'
import { addressOf, networkAddress } from '../workloads/people.ts'
import { giveResult, taskInput } from './task.ts'

const now = Date.UTC(2026, 2, 9, 8)
const hourMs = 3_600_000
const { decisions, lookups } = taskInput<{ readonly decisions: number; readonly lookups: number }>()

/** Whom the nth decision binds: 3 in 10 an address, 2 a /64, 1 a network, 2 a principal's older tokens, 2 a token. */
function decisionOf(index: number): Decision {
  const base = {
    id: `d-${index}`,
    from: now - hourMs,
    until: now + hourMs,
    reason: 'bench',
    by: 'person:bench',
  }
  const place = index % 10
  if (place < 3) return { ...base, type: 'deny', scope: 'ip', value: canonical('ip', addressOf(index, 12)) }
  if (place < 5)
    return { ...base, type: 'deny', scope: 'ip', value: canonical('ip', networkAddress(index, 12)) }
  if (place < 6)
    return {
      ...base,
      type: 'throttle',
      rate: { count: 5, perMs: 60_000 },
      scope: 'network',
      value: canonical('network', index % 20 < 10 ? networkAddress(index, 13) : addressOf(index, 13)),
    }
  if (place < 8)
    return { ...base, type: 'revoke', scope: 'principal', value: `user-${index}`, issuedUntil: now - hourMs }
  return { ...base, type: 'revoke', scope: 'token', value: mixedId(index, 42) }
}

function canonical(kind: 'ip' | 'network', text: string): string {
  const id = canonicalId(kind, text)
  if (id === undefined) throw new Error(`${text} is no ${kind}`)
  return id
}

/** A request of a signed-in client; for every second one the table holds a decision about something of it. */
function requestOf(serial: number): Subject {
  const index = (serial * 7919) % (2 * decisions)
  return {
    ip: index % 3 === 0 ? networkAddress(index, 12) : addressOf(index, 12),
    principal: `user-${index}`,
    jti: mixedId(index, 42),
    iss: 'https://id.example',
    iat: now - (index % 2 === 0 ? 2 * hourMs : 0),
  }
}

const table = new DecisionTable()
for (let index = 0; index < decisions; index++) table.apply(decisionOf(index))
const addresses = new Map(Array.from({ length: decisions }, (_, index) => [addressOf(index, 12), index]))

let refused = 0
let known = 0
const timesMs = new Float64Array(lookups)
const referenceMs = new Float64Array(lookups)
for (let serial = -lookups; serial < lookups; serial++) {
  // The first half warms the code up and is not kept: typed arrays ignore negative places.
  const request = requestOf(serial + lookups)
  const started = performance.now()
  const verdict = table.lookup(subjectOf(request), now)
  const between = performance.now()
  if (addresses.has(request.ip ?? '')) known++
  referenceMs[serial] = performance.now() - between
  timesMs[serial] = between - started
  if (verdict.type !== 'allow') refused++
}
timesMs.sort()
referenceMs.sort()
const at = (sorted: Float64Array, share: number) => sorted[Math.floor(share * sorted.length)] ?? Number.NaN
giveResult({
  p50Ms: at(timesMs, 0.5),
  p99Ms: at(timesMs, 0.99),
  referenceP50Ms: at(referenceMs, 0.5),
  referenceP99Ms: at(referenceMs, 0.99),
  decisions: table.size,
  refusedShare: refused / (2 * lookups),
  knownShare: known / (2 * lookups),
})
