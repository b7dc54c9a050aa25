import { type Random, seededRandom } from '../scenarios/random.ts'

/** Where a process is killed: at this port call of the whole run, before or after the call had its effect. */
export interface CrashPoint {
  readonly call: number
  readonly after: boolean
  /** Counts only calls of this name's beginning, such as `commit`. */
  readonly of?: string
}

/** Chances of what may go wrong in one call, 0 to 1. */
export interface FaultRates {
  /** The store says that it failed, and nothing was written. */
  readonly storeFails: number
  /** The store says that it failed, and everything was written. */
  readonly storeLies: number
  /** A call to the store takes seconds. */
  readonly storeSlow: number
  /** A receiver refuses for now: nothing happened there. */
  readonly targetFails: number
  /** A receiver acts, and its answer is lost. */
  readonly answerLost: number
  /** A request is lost. */
  readonly requestLost: number
  /** A receiver never answers; it may have acted. */
  readonly targetHangs: number
  /** A receiver that is asked what it did can't tell. */
  readonly verifyBlind: number
  /** A record of a partition comes later than the lateness allows. */
  readonly recordLate: number
  /** A record that is no event. */
  readonly recordBroken: number
}

/** Something that holds for a while, in virtual milliseconds. */
export interface Spell {
  readonly from: number
  readonly to: number
}

/** Everything that a seed comes to. */
export interface Plan {
  readonly seed: number
  /** Length of the traffic, milliseconds. */
  readonly lengthMs: number
  readonly rates: FaultRates
  readonly crashes: readonly CrashPoint[]
  /** Virtual instants at which the process is killed whatever it does. */
  readonly kills: readonly number[]
  /** Virtual instants at which the process is asked to stop, and started again. */
  readonly stops: readonly number[]
  readonly diskFull: readonly Spell[]
  readonly targetsAway: readonly Spell[]
  /** Which switch is on when: `global`, `connector:<action>`, `playbook:<id>`. */
  readonly switches: readonly (Spell & { readonly name: string })[]
  /** The wall clock is set, by so many milliseconds. */
  readonly clockJumps: readonly { readonly at: number; readonly byMs: number }[]
  /** Records in a batch, at most. */
  readonly batchMax: number
  /** By number of the partition. A stalled one holds time back, a taken one does not, a quiet one is idle. */
  readonly outages: readonly (Spell & {
    readonly partition: number
    readonly kind: 'stalled' | 'taken' | 'quiet'
  })[]
  /** Nothing happens anywhere. */
  readonly silences: readonly Spell[]
  /** A partition without records for so long no longer holds time back, milliseconds. */
  readonly idleMs: number
}

export interface PlanOptions {
  readonly lengthMs: number
  readonly partitions: number
  /** Kills per minute of traffic, about. */
  readonly killsPerMinute: number
  /** Places of killing that are chosen beforehand, instead of by chance. */
  readonly crashes?: readonly CrashPoint[]
  /** Without faults and kills, besides `crashes`. */
  readonly calm?: boolean
}

const none: FaultRates = {
  storeFails: 0,
  storeLies: 0,
  storeSlow: 0,
  targetFails: 0,
  answerLost: 0,
  requestLost: 0,
  targetHangs: 0,
  verifyBlind: 0,
  recordLate: 0,
  recordBroken: 0.02,
}

/** A minute has about so many port calls, and so many of them are commits. */
const callsPerMinute = 1600
const commitsPerMinute = 380

/** What happens in a run. Kinds of fault are drawn first, so that some runs have only one kind of them. */
export function planOf(seed: number, options: PlanOptions): Plan {
  const random = seededRandom(seed ^ 0x5eed)
  const { lengthMs, partitions, killsPerMinute, crashes, calm = false } = options
  const minutes = lengthMs / 60_000
  const spells = (chance: number, longestMs: number): Spell[] =>
    calm || !random.chance(chance) ? [] : someSpells(random, lengthMs, longestMs)
  const kills = calm ? 0 : Math.round(killsPerMinute * minutes * (0.5 + random.next()))
  const outages = spells(0.6, 25_000).map((spell) => ({
    ...spell,
    partition: random.int(0, partitions - 1),
    kind: random.pick(['stalled', 'taken', 'quiet'] as const),
  }))
  const silences = spells(0.3, 40_000)
  const rates = calm ? none : drawRates(random)
  const names = ['global', 'connector:mail', 'connector:throttle', 'playbook:contain', 'playbook:notify']
  return {
    seed,
    lengthMs,
    rates,
    crashes: crashes ?? Array.from({ length: Math.ceil(kills * 0.7) }, () => someCrash(random, minutes)),
    kills: Array.from({ length: Math.floor(kills * 0.3) }, () => random.int(0, lengthMs)),
    stops: calm || random.chance(0.7) ? [] : [random.int(0, lengthMs)],
    diskFull: spells(0.25, 20_000),
    targetsAway: spells(0.3, 40_000),
    switches: spells(0.4, 20_000).map((spell) => ({ ...spell, name: random.pick(names) })),
    clockJumps: calm || random.chance(0.6) ? [] : [someJump(random, lengthMs, silences)],
    batchMax: random.pick([1, 4, 16, 64]),
    outages,
    silences,
    idleMs: random.pick([6000, 20_000]),
  }
}

/** Somebody sets the clock, or the machine sleeps: often while nothing happens. */
function someJump(random: Random, lengthMs: number, silences: readonly Spell[]) {
  const silence = random.pick([undefined, silences[0]])
  const at = silence ? random.int(silence.from, silence.to) : random.int(0, lengthMs)
  return { at, byMs: random.pick([-90_000, -2000, 1500, 45_000, 3_600_000]) }
}

/** Half of them at a commit, for there most can go wrong. */
function someCrash(random: Random, minutes: number): CrashPoint {
  const after = random.chance(0.5)
  if (random.chance(0.5)) return { call: random.int(1, Math.ceil(callsPerMinute * minutes)), after }
  return { call: random.int(1, Math.ceil(commitsPerMinute * minutes)), after, of: 'commit' }
}

function drawRates(random: Random): FaultRates {
  const often = (rate: number) => (random.chance(0.4) ? rate * random.next() : 0)
  return {
    storeFails: often(0.01),
    storeLies: often(0.01),
    storeSlow: often(0.05),
    targetFails: often(0.5),
    answerLost: often(0.4),
    requestLost: often(0.4),
    targetHangs: often(0.2),
    verifyBlind: often(0.4),
    recordLate: often(0.05),
    recordBroken: 0.02,
  }
}

function someSpells(random: Random, lengthMs: number, longestMs: number): Spell[] {
  const count = Math.max(1, Math.round((lengthMs / 120_000) * random.next()))
  return Array.from({ length: count }, () => {
    const from = random.int(0, lengthMs)
    return { from, to: from + random.int(500, longestMs) }
  })
}

export function isWithin(spells: readonly Spell[], now: number): boolean {
  return spells.some(({ from, to }) => now >= from && now < to)
}
