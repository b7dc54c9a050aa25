import { Buffer } from 'node:buffer'
import type { Decode, Decoded } from '../../core/event/decoder.ts'
import type { Event } from '../../core/event/event.ts'
import { EventRecord } from '../../core/event/event-record.ts'
import { partitionKey } from '../../core/event/position.ts'
import type { DeadLetter, RefusalReason } from '../../core/event/refusal.ts'
import { type Settled, TimeGate } from '../../core/event/time-gate.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { type RawRecord, recordBytes } from '../../core/ports/source.ts'
import type { FormatId } from '../../ingest/formats/formats.ts'
import { maskRaw } from '../../ingest/privacy/mask.ts'
import { type Completion, completeEvent, type Privacy } from './complete-event.ts'
import { detectedIn } from './detected-in.ts'
import { LocatedPool, type LocatedRecord } from './located-pool.ts'
import { unknownFormat } from './unknown-format.ts'

/** How the records of a partition become events. */
export interface LaneOptions extends Privacy {
  readonly source: string
  readonly partition: string
  /** How late events may be, milliseconds. */
  readonly latenessMs: number
  /** Snapshot of the time gate at the last commit. */
  readonly gate?: string
  /** Offset that the source resumes from. */
  readonly from?: number
  /** As configured; told from the first lines when absent. */
  readonly format?: FormatId
  /** What it was at the last commit: a restart in the middle of a log must not tell it from other lines. */
  readonly formatBefore?: FormatId
  open(format: FormatId): Decode
  /** For events that don't say. */
  readonly vantage?: 'edge' | 'service'
  /** Whether `enforced_by` marks are believed. */
  trustsMarks(format: FormatId): boolean
  /** The collector's, which says when a record was received unless the transport does. Recordings have none. */
  readonly clock?: Clock
}

/** An accepted event with its place. It is valid until the lane's next batch is taken; whoever keeps it copies it. */
export interface Located {
  /**
   * Where the partition's time stands with the event, epoch milliseconds; −Infinity before that is known. The watermark
   * and the merge of partitions go by it, and not by `event.time`, which may be wrong.
   */
  readonly time: number
  readonly offset: number
  readonly event: Event
  readonly lane: PartitionLane
}

/** An event on its way through the time gate. */
interface Dated {
  readonly time: number
  readonly received: number | undefined
  readonly offset: number
  readonly event: Event
}

/** Records from `from` to before `to` that were refused for more than what they say: see `refused-range` in the control log. */
export interface ClockedRange {
  readonly from: number
  readonly to: number
  readonly received?: number | undefined
}

/** Where a lane stands behind the last event that it gave. */
export interface LaneReport {
  /** Offset to resume from once everything given so far is durable. */
  readonly position: number
  /** Snapshot of the time gate. */
  readonly gate: string
  readonly format: FormatId | undefined
  readonly deadLetters: readonly DeadLetter[]
  readonly clocked?: readonly ClockedRange[]
}

/** One partition's way from bytes to accepted events: format, decoder, pseudonyms, time gate. */
export class PartitionLane {
  readonly source: string
  readonly partition: string
  /** `partitionKey` of the two. */
  readonly key: string
  readonly latenessMs: number
  readonly gate = new TimeGate<Dated>()
  readonly #options: LaneOptions
  #format: FormatId | undefined
  #decode: Decode | undefined
  /** Why no format could be told. */
  #unknown = ''
  #completion: Completion = { trustsMarks: false }
  #next = 0
  #deadLetters: DeadLetter[] = []
  #clocked: ClockedRange[] = []
  readonly #pool = new LocatedPool(this)
  /** Counts since the start. */
  records = 0
  accepted = 0
  refused = 0
  /** Of the accepted ones, those that came behind the watermark; counted by who judges. */
  late = 0
  marksIgnored = 0

  constructor(options: LaneOptions) {
    this.source = options.source
    this.partition = options.partition
    this.key = partitionKey(options.source, options.partition)
    this.latenessMs = options.latenessMs
    if (options.gate !== undefined) this.gate.restore(options.gate)
    this.#options = options
    this.#next = options.from ?? 0
  }

  get format(): FormatId | undefined {
    return this.#format
  }

  /** Offset to resume from once everything taken so far is durable: never past an event that is held back. */
  get position(): number {
    return this.gate.heldFrom ?? this.#next
  }

  /** What must be stored together with the events taken so far; dead letters are told once. */
  report(): LaneReport {
    const deadLetters = this.#deadLetters
    const clocked = this.#clocked
    if (deadLetters.length > 0) this.#deadLetters = []
    if (clocked.length > 0) this.#clocked = []
    return { position: this.position, gate: this.gate.snapshot(), format: this.#format, deadLetters, clocked }
  }

  /** Decodes records; returns the events that the time gate accepts, in order. */
  take(records: readonly RawRecord[], next: number): Located[] {
    const decode = this.#decoder(records)
    if (!decode && this.#unknown === '' && records.length > 0) this.#unknown = unknownFormat(records)
    if (!decode && records[0]) this.#clocked.push({ from: records[0].offset, to: next })
    const accepted: Located[] = []
    const now = this.#options.clock?.now()
    this.#pool.reset()
    for (const record of records) {
      this.records++
      if (!decode || record.truncated) {
        const detail = record.truncated ? 'the line is longer than 64 KiB' : this.#unknown
        this.#refuse(record, record.truncated ? 'too_long' : 'not_parsable', detail)
        continue
      }
      const located = this.#pool.next
      const decoded = guarded(decode, record, located.event)
      if (decoded === 'event') {
        if (completeEvent(located.event, this.#completion, this.#options)) this.marksIgnored++
        // Never what the line says of its receipt: its own word would switch off the check of its time.
        this.#offer(located, record.offset, record.received ?? now, accepted)
      } else if (decoded !== 'skip') this.#refuse(record, decoded.reason, decoded.detail)
    }
    this.#next = next
    this.accepted += accepted.length
    return accepted
  }

  /** No further records for now, or ever: what the gate still holds is decided. */
  settle(): Located[] {
    const accepted: Located[] = []
    this.#settle(this.gate.settle(), accepted)
    this.accepted += accepted.length
    return accepted
  }

  #decoder(records: readonly RawRecord[]): Decode | undefined {
    if (this.#decode) return this.#decode
    const { formatBefore } = this.#options
    const format = this.#options.format ?? formatBefore ?? detectedIn(records)
    if (format === undefined) return undefined
    this.#format = format
    this.#completion = { vantage: this.#options.vantage, trustsMarks: this.#options.trustsMarks(format) }
    this.#decode = this.#options.open(format)
    return this.#decode
  }

  #offer(located: LocatedRecord, offset: number, received: number | undefined, accepted: Located[]): void {
    const { time } = located.event
    if (this.gate.admits(time, received)) {
      located.time = this.gate.reached
      located.offset = offset
      accepted.push(located)
      this.#pool.keep()
    } else {
      // The gate may hold it longer than this batch lasts.
      const event = Object.assign(new EventRecord(), located.event)
      this.#settle(this.gate.offer({ time, received, offset, event }), accepted)
    }
  }

  #settle(settled: Settled<Dated>, accepted: Located[]): void {
    for (const { item, reached } of settled.accepted) {
      accepted.push({ time: reached, offset: item.offset, event: item.event, lane: this })
    }
    for (const { item, reason } of settled.refused) {
      const { time, received, offset, event } = item
      if (reason === 'time_ahead') this.#clocked.push({ from: offset, to: offset + 1, received })
      const why =
        reason === 'time_ahead' && received !== undefined
          ? `lies over 5 min ahead of its receipt at ${instant(received)}: check the clocks of both machines`
          : 'is off by more than 24 h and unconfirmed'
      this.#letter(offset, reason, `time ${instant(time)} ${why}`, JSON.stringify(event))
    }
  }

  #refuse(record: RawRecord, reason: RefusalReason, detail: string): void {
    const raw = Buffer.from(recordBytes(record).subarray(0, 4096)).toString('utf8')
    this.#letter(record.offset, reason, detail, raw)
  }

  #letter(offset: number, reason: RefusalReason, detail: string, raw: string): void {
    this.refused++
    const position = { source: this.source, partition: this.partition, offset }
    this.#deadLetters.push({ position, reason, detail: detail.slice(0, 200), raw: maskRaw(raw) })
  }
}

/** A decoder that throws has met a line that nobody thought of: that line is refused, and the partition goes on. */
function guarded(decode: Decode, { bytes, start, end }: RawRecord, event: EventRecord): Decoded {
  try {
    return decode(bytes, start, end, event)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { reason: 'not_parsable', detail: `the decoder failed: ${why}` }
  }
}

function instant(time: number): string {
  return new Date(time).toISOString()
}
