import { Buffer } from 'node:buffer'
import type { Decode } from '../../core/event/decoder.ts'
import type { Event } from '../../core/event/event.ts'
import { partitionKey } from '../../core/event/position.ts'
import type { DeadLetter, RefusalReason } from '../../core/event/refusal.ts'
import { type Settled, TimeGate } from '../../core/event/time-gate.ts'
import type { RawRecord } from '../../core/ports/source.ts'
import { detectFormat } from '../../ingest/formats/detect-format.ts'
import type { FormatId } from '../../ingest/formats/formats.ts'
import { maskRaw } from '../../ingest/privacy/mask.ts'
import type { Pseudonymise } from '../../ingest/privacy/pseudonym.ts'

/** How the records of a partition become events. */
export interface LaneOptions {
  readonly source: string
  readonly partition: string
  /** How late events may be, milliseconds. */
  readonly latenessMs: number
  /** Snapshot of the time gate at the last commit. */
  readonly gate?: string
  /** Offset that the source resumes from. */
  readonly from?: number
  /** Told from the first lines when absent. */
  readonly format?: FormatId
  open(format: FormatId): Decode
  readonly pseudonymise: Pseudonymise
  /** Principals become pseudonyms too. */
  readonly pseudonymisePrincipals: boolean
  /** For events that don't say. */
  readonly vantage?: 'edge' | 'service'
  /** Whether `enforced_by` marks are believed. */
  trustsMarks(format: FormatId): boolean
}

/** An accepted event with its place. */
export interface Located {
  readonly time: number
  readonly received?: number
  readonly offset: number
  readonly event: Event
  readonly lane: PartitionLane
}

/** Lines looked at to tell the format. */
const sampleLines = 50

/** One partition's way from bytes to accepted events: format, decoder, pseudonyms, time gate. */
export class PartitionLane {
  readonly source: string
  readonly partition: string
  /** `partitionKey` of the two. */
  readonly key: string
  readonly latenessMs: number
  readonly gate = new TimeGate<Located>()
  readonly #options: LaneOptions
  #format: FormatId | undefined
  #decode: Decode | undefined
  #next = 0
  #deadLetters: DeadLetter[] = []
  /** Counts since the start. */
  records = 0
  refused = 0
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

  /** Decodes records; returns the events that the time gate accepts, in order. */
  take(records: readonly RawRecord[], next: number): Located[] {
    const decode = this.#decoder(records)
    const accepted: Located[] = []
    for (const record of records) {
      this.records++
      if (!decode || record.truncated) {
        const detail = record.truncated
          ? 'the line is longer than 64 KiB'
          : 'no known format fits the first lines'
        this.#refuse(record, record.truncated ? 'too_long' : 'not_parsable', detail)
        continue
      }
      const decoded = guarded(decode, record.bytes)
      if (decoded.outcome === 'event') this.#offer(this.#located(decoded.event, record), accepted)
      else if (decoded.outcome === 'refused') this.#refuse(record, decoded.reason, decoded.detail)
    }
    this.#next = next
    return accepted
  }

  /** No further records for now or ever: what the gate still holds is decided. */
  settle(): Located[] {
    const accepted: Located[] = []
    this.#settle(this.gate.end(), accepted)
    return accepted
  }

  drainDeadLetters(): DeadLetter[] {
    const letters = this.#deadLetters
    this.#deadLetters = []
    return letters
  }

  #decoder(records: readonly RawRecord[]): Decode | undefined {
    if (this.#decode) return this.#decode
    let { format } = this.#options
    format ??= detectedIn(records)
    if (format === undefined) return undefined
    this.#format = format
    this.#decode = this.#options.open(format)
    return this.#decode
  }

  #located(event: Event, record: RawRecord): Located {
    const { vantage, pseudonymise, pseudonymisePrincipals, trustsMarks } = this.#options
    const account = event['auth.account']
    if (account !== undefined) event['auth.account'] = pseudonymise(account)
    const principal = event['principal.id']
    if (pseudonymisePrincipals && principal !== undefined) event['principal.id'] = pseudonymise(principal)
    if (event.vantage === undefined && vantage !== undefined) event.vantage = vantage
    if (event.enforced_by !== undefined && this.#format && !trustsMarks(this.#format)) {
      event.enforced_by = undefined
      this.marksIgnored++
    }
    // Only what the transport says: a line's own word would switch off the check of its time.
    const { received } = record
    return {
      time: event.time,
      ...(received === undefined ? {} : { received }),
      offset: record.offset,
      event,
      lane: this,
    }
  }

  #offer(item: Located, accepted: Located[]): void {
    if (this.gate.admits(item.time, item.received)) accepted.push(item)
    else this.#settle(this.gate.offer(item), accepted)
  }

  #settle(settled: Settled<Located>, accepted: Located[]): void {
    for (const item of settled.accepted) accepted.push(item)
    for (const { item, reason } of settled.refused) {
      const when = new Date(item.time).toISOString()
      const why =
        reason === 'time_ahead'
          ? 'lies ahead of when it was received'
          : 'is off by more than 24 h and unconfirmed'
      this.#letter(item.offset, reason, `time ${when} ${why}`, JSON.stringify(item.event))
    }
  }

  #refuse(record: RawRecord, reason: RefusalReason, detail: string): void {
    this.#letter(record.offset, reason, detail, Buffer.from(record.bytes.subarray(0, 4096)).toString('utf8'))
  }

  #letter(offset: number, reason: RefusalReason, detail: string, raw: string): void {
    this.refused++
    const position = { source: this.source, partition: this.partition, offset }
    this.#deadLetters.push({ position, reason, detail: detail.slice(0, 200), raw: maskRaw(raw) })
  }
}

/** Looks at one handful of lines after another, because a log may begin with rubbish. */
function detectedIn(records: readonly RawRecord[]): FormatId | undefined {
  for (let start = 0; start < records.length; start += sampleLines) {
    const lines = records
      .slice(start, start + sampleLines)
      .map((record) => Buffer.from(record.bytes).toString('utf8'))
    const detected = detectFormat(lines)
    if (detected.outcome === 'detected') return detected.format
  }
  return undefined
}

/** A decoder that throws has met a line that nobody thought of: that line is refused, and the partition goes on. */
function guarded(decode: Decode, bytes: Uint8Array): ReturnType<Decode> {
  try {
    return decode(bytes)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { outcome: 'refused', reason: 'not_parsable', detail: `the decoder failed: ${why}` }
  }
}
