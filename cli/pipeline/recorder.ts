import type { Positions } from '../../core/event/position.ts'
import type {
  ControlEntry,
  PartitionPosition,
  PartitionRange,
  Snapshot,
} from '../../core/manifest/control-log.ts'
import type { ClockedRange, Located } from './partition-lane.ts'

/** How finely a record says what was sealed where, in event time; a replay holds as much open as comes between two. */
const cutEveryMs = 60_000
/** How often a manifest in force is noted again where the log forgets by age, by the clock. */
const againEveryMs = 24 * 3_600_000

/** By what a run judges, and how it reads, for the control log. */
export interface RunSetup {
  /** Digest of the manifest. */
  readonly manifest: string
  /** Digest of how the sources are read; absent where nothing is recorded. */
  readonly sources?: string
  /** The texts that these digests name. */
  readonly snapshots?: readonly Snapshot[]
}

/**
 * Writes down what the events alone do not tell: what is in force, where things were sealed, which events were late and
 * which were refused by the clock. It is committed with the positions that it belongs to.
 */
export class Recorder {
  #entries: ControlEntry[] = []
  #snapshots: readonly Snapshot[] = []
  /** Partitions that gave events since the start, or since they were idle. */
  readonly #active = new Set<string>()
  /** By partition, those that may still grow until the next commit. */
  readonly #late = new Map<string, Growing>()
  readonly #refused = new Map<string, Growing>()
  readonly #lost = new Map<string, GrowingLoss>()
  #cutAt = Number.NEGATIVE_INFINITY
  #cutPositions: Positions = new Map()
  #inForce: Omit<Extract<ControlEntry, { kind: 'manifest' }>, 'at'> | undefined
  #askedAt: number | undefined

  /** A process begins where the last commit stood. */
  begin(positions: Positions, watermark: number, { manifest, sources, snapshots = [] }: RunSetup): void {
    this.#cut(positions, watermark)
    this.#inForce = { kind: 'manifest', digest: manifest, ...(sources && { sources }) }
    this.note({ ...this.#inForce, at: sealed(watermark) })
    this.#snapshots = snapshots
  }

  /** Notes what is in force once a day again, for a log that forgets by age. Ask now and then; returns whether it did. */
  noteAgain(now: number, watermark: number): boolean {
    this.#askedAt ??= now
    if (!this.#inForce || now - this.#askedAt < againEveryMs) return false
    this.#askedAt = now
    this.note({ ...this.#inForce, at: sealed(watermark) })
    return true
  }

  note(entry: ControlEntry): void {
    this.#entries.push(entry)
  }

  /** Accepted events of one lane that are about to be judged. */
  taken({ lane: { key }, offset }: Located, watermark: number): void {
    if (this.#active.has(key)) return
    this.#active.add(key)
    this.note({ kind: 'source-active', at: sealed(watermark), partition: key, from: offset })
  }

  idle(partition: string, watermark: number): void {
    this.#active.delete(partition)
    this.note({ kind: 'source-idle', at: sealed(watermark), partition })
  }

  /** Of the events from `from` to before `to`, some were behind the watermark. */
  late({ partition, from, to }: PartitionRange, watermark: number): void {
    const known = this.#late.get(partition)
    if (known?.at === watermark) known.to = to
    else this.#grow(this.#late, { kind: 'late', at: watermark, partition, from, to })
  }

  /** Records that were not judged, and why nobody can. */
  lost({ partition, from, to }: PartitionRange, why: string, watermark: number): void {
    const known = this.#lost.get(partition)
    if (known?.why === why && known.to === from) known.to = to
    else this.#grow(this.#lost, { kind: 'lost-range', at: sealed(watermark), why, partition, from, to })
  }

  refused(partition: string, ranges: readonly ClockedRange[], watermark: number): void {
    for (const { from, to, received } of ranges) {
      const known = this.#refused.get(partition)
      const at = sealed(watermark)
      const isSame = known && known.received === received && (received !== undefined || known.to === from)
      if (isSame) known.to = to
      else
        this.#grow(this.#refused, {
          kind: 'refused-range',
          at,
          partition,
          from,
          to,
          ...(received === undefined ? {} : { received }),
        })
    }
  }

  /** Everything so far, once, with where things stand when that is due; `positions` are those that commit with it. */
  drain(
    positions: Positions,
    watermark: number,
  ): { readonly control: readonly ControlEntry[]; readonly snapshots: readonly Snapshot[] } {
    if (sealed(watermark) >= this.#cutAt + cutEveryMs) this.#cut(positions, watermark)
    const snapshots = this.#snapshots
    this.#snapshots = []
    return { control: this.entries(), snapshots }
  }

  /** The entries so far, once, of one who does not know where things stand. */
  entries(): readonly ControlEntry[] {
    const entries = this.#entries
    this.#entries = []
    this.#late.clear()
    this.#refused.clear()
    this.#lost.clear()
    return entries
  }

  #cut(positions: Positions, watermark: number): void {
    const moved = [...positions].filter(([key, next]) => this.#cutPositions.get(key) !== next)
    this.note({ kind: 'cut', at: sealed(watermark), positions: moved satisfies PartitionPosition[] })
    this.#cutPositions = new Map(positions)
    this.#cutAt = sealed(watermark)
  }

  #grow<Entry extends Growing | GrowingLoss>(open: Map<string, Entry>, entry: Entry): void {
    open.set(entry.partition, entry)
    this.note(entry)
  }
}

interface Growing extends PartitionRange {
  readonly kind: 'late' | 'refused-range'
  readonly at: number
  readonly received?: number
  to: number
}

interface GrowingLoss extends PartitionRange {
  readonly kind: 'lost-range'
  readonly at: number
  readonly why: string
  to: number
}

/** JSON has no infinities: before the first event nothing is sealed. */
function sealed(watermark: number): number {
  return Math.max(0, watermark)
}
