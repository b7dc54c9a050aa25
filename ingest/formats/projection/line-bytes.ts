import { Buffer } from 'node:buffer'
import { lineBytesMax } from '../limits.ts'

/** Readers look at up to so many bytes at once, so they must lie in the buffer behind a line as well. */
const margin = 16

/**
 * The bytes of the line that is being read, with a control character behind them that stops every scan: the line's own
 * end in a file. Where there is none, or the buffer ends, the line is copied to where there is.
 */
export class LineBytes {
  bytes: Buffer
  view: DataView
  start = 0
  end = 0
  readonly #copy = Buffer.alloc(lineBytesMax + margin)
  readonly #copyView = new DataView(this.#copy.buffer, this.#copy.byteOffset, this.#copy.length)
  #given: Uint8Array = this.#copy
  #buffer: ArrayBufferLike = this.#copy.buffer
  #whole = Buffer.from(this.#buffer)
  #wholeView = new DataView(this.#buffer)
  #from = this.#copy.byteOffset

  constructor() {
    this.bytes = this.#copy
    this.view = this.#copyView
  }

  /** Moves to a line of at most `lineBytesMax` bytes. */
  open(given: Uint8Array, start: number, end: number): void {
    if (given !== this.#given) this.#adopt(given)
    const whole = this.#whole
    const stop = (this.#from + end) | 0
    if (stop + margin <= whole.length && (whole[stop] as number) < 0x20) {
      this.bytes = whole
      this.view = this.#wholeView
      this.start = (this.#from + start) | 0
      this.end = stop
    } else this.#copyOf(given, start, end)
  }

  /** The messages of one fetch are parts of one buffer, which is looked at as a whole. */
  #adopt(given: Uint8Array): void {
    const { buffer } = given
    this.#given = given
    this.#from = given.byteOffset
    if (buffer === this.#buffer) return
    this.#buffer = buffer
    this.#whole = Buffer.from(buffer)
    this.#wholeView = new DataView(buffer)
  }

  #copyOf(given: Uint8Array, start: number, end: number): void {
    this.#copy.set(given.subarray(start, end))
    this.#copy.fill(0, end - start, end - start + margin)
    this.bytes = this.#copy
    this.view = this.#copyView
    this.start = 0
    this.end = end - start
  }
}
