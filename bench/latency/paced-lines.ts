import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import type { Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'

const lf = 0x0a
/** `{"time":"` stands before the time, which is 24 characters long. */
const timeAt = 9
const timeLength = 24
const tickMs = 5
/** Of a flood: less than a pipe holds. */
const linesAtOnce = 100

/** Milliseconds since the epoch, by a clock that never steps back. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now()
}

/**
 * Sends the lines of a recording at their own pace, over and over, each with the time at which it is sent. A delivery
 * of a webhook is left out: sent twice, it would be a replay.
 */
export class PacedLines {
  /** Told of the event time of each tick, before its lines are written. */
  onTick: (eventTime: number) => void = () => {}
  /** Most bytes that stood in line because the reader was slow. */
  waitingBytesMax = 0
  sent = 0
  readonly #bytes: Buffer
  readonly #starts: readonly number[]
  readonly #dues: readonly number[]
  readonly #lengthMs: number
  readonly #out: Writable
  #timer: NodeJS.Timeout | undefined
  #startedAt = 0
  #next = 0
  #turns = 0

  constructor(path: string, out: Writable) {
    const kept = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.includes('"kind":"webhook"'))
    this.#out = out
    this.#bytes = Buffer.from(`${kept.join('\n')}\n`)
    const starts = [0]
    for (let end = this.#bytes.indexOf(lf); end >= 0; end = this.#bytes.indexOf(lf, end + 1))
      starts.push(end + 1)
    this.#starts = starts
    const times = kept.map((line) => Date.parse(line.slice(timeAt, timeAt + timeLength)))
    const first = times[0] ?? 0
    this.#dues = times.map((time) => time - first)
    this.#lengthMs = (this.#dues.at(-1) ?? 0) + 1
  }

  start(): void {
    this.#startedAt = wallMs()
    this.#timer = setInterval(() => this.#tick(), tickMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Writes without a pace, as much as the reader takes, until `untilMs` of `wallMs`. */
  async flood(untilMs: number): Promise<void> {
    for (let now = wallMs(); now < untilMs; now = wallMs()) {
      const to = Math.min(this.#next + linesAtOnce, this.#dues.length)
      this.#write(this.#next, to, Buffer.from(new Date(Math.floor(now)).toISOString(), 'latin1'))
      this.#next = to === this.#dues.length ? 0 : to
      if (this.#out.writableNeedDrain) await once(this.#out, 'drain')
      else await turn()
    }
  }

  /** Writes what is due. All lines of a tick bear its time. */
  #tick(): void {
    const now = Math.floor(wallMs())
    const elapsed = now - this.#startedAt
    this.onTick(now)
    const stamp = Buffer.from(new Date(now).toISOString(), 'latin1')
    for (;;) {
      const from = this.#next
      const dueNow = elapsed - this.#turns * this.#lengthMs
      while (this.#next < this.#dues.length && (this.#dues[this.#next] ?? 0) <= dueNow) this.#next++
      this.#write(from, this.#next, stamp)
      if (this.#next < this.#dues.length) break
      this.#next = 0
      this.#turns++
    }
    this.waitingBytesMax = Math.max(this.waitingBytesMax, this.#out.writableLength)
  }

  #write(from: number, to: number, stamp: Buffer): void {
    if (from === to) return
    const start = this.#starts[from] ?? 0
    const bytes = Buffer.from(this.#bytes.subarray(start, this.#starts[to]))
    for (let index = from; index < to; index++) stamp.copy(bytes, (this.#starts[index] ?? 0) - start + timeAt)
    this.#out.write(bytes)
    this.sent += to - from
  }
}
