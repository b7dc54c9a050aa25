import type { EventRecord } from '../../../core/event/event-record.ts'
import { type CombinedOptions, ExtraFields } from '../combined/combined-parser.ts'
import { lineBytesMax } from '../limits.ts'
import { LineFields, userRank } from '../line-fields.ts'
import { PathReader } from '../path-facts.ts'
import { placeOf } from '../places.ts'
import { takeRequestLine } from '../request-line.ts'
import { asciiText } from './ascii-text.ts'
import { CombinedCut } from './cut-combined.ts'
import { FieldReader } from './field-reader.ts'
import { LineBytes } from './line-bytes.ts'
import { LogTimeBytes } from './log-time-bytes.ts'
import { takeExtras } from './take-extras.ts'
import { type TextTaker, takeText } from './take-text.ts'
import { Tokens } from './tokens.ts'

const places = {
  client: placeOf('client.ip'),
  status: placeOf('status'),
  bytesOut: placeOf('bytes_out'),
  method: placeOf('method'),
  path: placeOf('path'),
  userAgent: placeOf('client.user_agent'),
  user: placeOf('principal.id'),
}

/**
 * Reads common and combined logs straight from their bytes. `read` is false where the bytes leave a doubt, and then the
 * event means nothing; else the event is what cutting the line's text would have given, in the needed fields.
 */
export class CombinedProjection {
  readonly #line = new LineBytes()
  readonly #tokens = new Tokens()
  readonly #cut = new CombinedCut()
  readonly #time = new LogTimeBytes()
  readonly #fields: LineFields
  readonly #taker: TextTaker
  readonly #extras: ExtraFields
  readonly #needed: Uint8Array

  constructor(options: CombinedOptions, needed: Uint8Array) {
    const trustedHops = options.trusted_hops ?? 0
    this.#fields = new LineFields({ paths: new PathReader(options), trustedHops, needed })
    const reader = new FieldReader(this.#line, this.#tokens, this.#fields.convert, [])
    this.#taker = { reader, fields: this.#fields, needed }
    this.#extras = new ExtraFields(options)
    this.#needed = needed
  }

  read(bytes: Uint8Array, start: number, end: number, event: EventRecord): boolean {
    if (end - start > lineBytesMax) return false
    const line = this.#line
    line.open(bytes, start, end)
    const parts = this.#cut
    if (!parts.cut(line)) return false
    const time = this.#time.read(line, parts.time)
    if (time === undefined) return false
    const fields = this.#fields
    fields.begin(event)
    this.#tokens.length = 0
    fields.takeKnown('vantage', 'edge', 10)
    this.#take(places.client, parts.start, parts.clientEnd)
    if (this.#isOpen(places.status)) fields.put(places.status, parts.status, 0)
    if (parts.bytesOut >= 0 && this.#isOpen(places.bytesOut)) {
      fields.put(places.bytesOut, parts.bytesOut, 0)
    }
    this.#takeRequest()
    if (parts.userAgentEnd > 0) this.#take(places.userAgent, parts.userAgent, parts.userAgentEnd)
    if (parts.extras < parts.end && !takeExtras(this.#taker, parts.extras, parts.end, this.#extras))
      return false
    if (!fields.isRefusedLogin) this.#take(places.user, parts.user, parts.userEnd, userRank)
    fields.finish(time)
    return true
  }

  #takeRequest(): void {
    const { request, requestEnd, methodEnd, targetEnd } = this.#cut
    if (targetEnd < 0) {
      takeRequestLine(asciiText(this.#line.bytes, request, requestEnd), this.#fields)
      return
    }
    this.#take(places.method, request, methodEnd)
    this.#take(places.path, methodEnd + 1, targetEnd)
  }

  #isOpen(place: number): boolean {
    return this.#needed[place] === 1 && this.#fields.isOpen(place, 0)
  }

  #take(place: number, from: number, end: number, rank = 0): void {
    takeText(this.#taker, place, from, end, rank)
  }
}
