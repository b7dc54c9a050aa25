import type { Event } from '../../core/event/event.ts'
import { benignTraffic } from '../scenarios/benign-traffic.ts'
import { stuffing } from '../scenarios/credential-stuffing.ts'
import { issuedToken, tokenUse } from '../scenarios/jti-reuse.ts'
import { type Random, seededRandom } from '../scenarios/random.ts'
import { walk } from '../scenarios/sequential-enumeration.ts'
import { clients } from '../scenarios/token-clients.ts'
import { isWithin, type Plan } from './plan.ts'

/** One line of a partition, and when it can be read. */
export interface ArrivingRecord {
  readonly offset: number
  readonly line: string
  /** Virtual milliseconds since the start. */
  readonly at: number
  /** No event, and so a dead letter. */
  readonly isBroken: boolean
}

export interface SimulatedPartition {
  readonly source: string
  readonly name: string
  readonly number: number
  readonly records: readonly ArrivingRecord[]
}

/** Event time of virtual time 0, epoch milliseconds. */
export const startOfTraffic = Date.UTC(2026, 2, 9, 10)
/** How late the sources say that their events may be, and are as a rule. */
export const latenessMs = 5000

const minute = 60_000

/** Traffic with attacks in it, spread over partitions; in a partition in the order of arrival, not of time. */
export function workload(
  plan: Plan,
  partitions: readonly Pick<SimulatedPartition, 'source' | 'name'>[],
): SimulatedPartition[] {
  const random = seededRandom(plan.seed ^ 0xcafe)
  const arriving = partitions.map((): { event: Event; at: number }[] => [])
  for (const event of traffic(random, plan.lengthMs)) {
    const number = random.int(0, partitions.length - 1)
    const since = event.time - startOfTraffic
    if (isWithin(plan.silences, since)) continue
    let at = since + delayMs(random, plan)
    // What is quiet writes nothing: its events come when it writes again.
    const quiet = plan.outages.filter(({ partition, kind }) => partition === number && kind === 'quiet')
    for (const spell of quiet) if (isWithin([spell], at)) at = spell.to
    arriving[number]?.push({ event, at })
  }
  return partitions.map((partition, number) => {
    const inOrder = (arriving[number] ?? []).sort((left, right) => left.at - right.at)
    return { ...partition, number, records: records(random, plan, inOrder) }
  })
}

function records(random: Random, plan: Plan, arriving: readonly { event: Event; at: number }[]) {
  let offset = random.int(0, 3)
  return arriving.flatMap(({ event, at }) => {
    const broken = random.chance(plan.rates.recordBroken)
      ? [{ offset: offset++, line: random.pick(['{"time":', 'no event', '[1]']), at, isBroken: true }]
      : []
    const record = { offset, line: JSON.stringify(event), at, isBroken: false }
    // A broker leaves out offsets.
    offset += random.chance(0.1) ? 3 : 1
    return [...broken, record]
  })
}

function delayMs(random: Random, { rates }: Plan): number {
  if (random.chance(rates.recordLate)) return latenessMs + random.int(0, 60_000)
  if (random.chance(0.2)) return random.int(0, latenessMs - 500)
  return random.int(0, 400)
}

function traffic(random: Random, lengthMs: number): Event[] {
  const benign = benignTraffic({
    seed: random.int(1, 1e9),
    start: startOfTraffic,
    durationMs: lengthMs,
    clients: Math.ceil((12 * lengthMs) / minute),
  })
  const attacks: Event[] = []
  const everyMs = Math.max(minute, Math.min(lengthMs, 4 * minute))
  for (let start = 0, nth = 0; start < lengthMs; start += everyMs, nth++) {
    attacks.push(...attacksOf(random, startOfTraffic + start, nth))
  }
  return [...benign, ...attacks].filter(({ time }) => time < startOfTraffic + lengthMs)
}

/** Three attacks within a minute; the first address of each is somebody whom response may not touch now and then. */
function attacksOf(random: Random, start: number, nth: number): Event[] {
  const ip = random.chance(0.2) ? `10.1.2.${random.int(1, 200)}` : `203.0.113.${random.int(1, 250)}`
  const seed = random.int(1, 1e9)
  const ids = Array.from({ length: random.int(40, 70) }, (_, index) => String(48_000 + index))
  const token = issuedToken(`stolen-${nth}-${seed % 1000}`, start)
  return [
    ...walk({
      seed,
      start: start + random.int(0, 8000),
      durationMs: 35_000,
      principal: random.chance(0.5) ? 'mallory' : `mallory-${nth}`,
      ip,
      ids,
      refusedShare: 0.5,
      missedShare: 0.1,
    }),
    ...stuffing({
      seed,
      start: start + random.int(0, 8000),
      durationMs: 40_000,
      tries: random.int(40, 80),
      ipOf: () => ip,
      hits: [7],
    }),
    ...tokenUse({ seed, token, client: clients.browser, start, durationMs: 50_000, uses: 20 }),
    ...tokenUse({
      seed: seed + 1,
      token,
      client: clients.script,
      start: start + 5000,
      durationMs: 45_000,
      uses: 15,
    }),
  ]
}

/** Whether an event may rightly be late: some come later than allowed, or after their partition has let time go. */
export function mayBeLate(
  { rates, outages, idleMs }: Plan,
  partitions: readonly SimulatedPartition[],
): boolean {
  const letsGo = partitions.some(({ records }) =>
    records.some(({ at }, index) => at - (records[index - 1]?.at ?? 0) >= idleMs),
  )
  return letsGo || rates.recordLate > 0 || outages.some(({ kind }) => kind !== 'stalled')
}
