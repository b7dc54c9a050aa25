import { keyLengthMax } from '../limits.ts'
import { asciiText } from './ascii-text.ts'
import type { KeyUse } from './key-use.ts'
import type { LineBytes } from './line-bytes.ts'
import { skipSpace, unsure } from './skip-value.ts'
import { tokenHead } from './tokens.ts'

/** The integers of a key, in this order: info, token head, object in which it was last seen, key that came next. */
export const keySize = 4
/** A key's info: length of its run in bits 0 to 7, whether a text follows it in bit 8, then the action. */
export const textBit = 1 << 8
export const actionShift = 9
/** What is done with a value. */
export const actions = { skip: 0, take: 1, special: 2, text: 3, list: 4, enter: 5 } as const

/** In place of a key: the object is closed. */
export const closed = -2

/** Things that several keys of a table may tell. */
export const alternativesMax = 128
/** Longest run; longer keys are read byte by byte. */
const runMax = 128
const blocksPerRun = runMax / 8
/** Keys looked at before one is read byte by byte: what followed a key lately. */
const ways = 4
/** The key that stands for all that have no number of their own. Number 0 is the start of the object. */
const stray = 1

/**
 * The keys of objects of one kind, numbered as they are met, with what is done with their values. Producers repeat
 * themselves: from what came after the same key before, the table predicts the bytes up to the next value (its run: a
 * comma has been read, then `"key":"`), and compares them at once.
 */
export class KeyTable {
  readonly keys: Int32Array
  readonly runs: Float64Array
  readonly runInts: Int32Array
  /** Object in which a thing was last told that several keys tell: `alternativeOf`. */
  readonly told = new Int32Array(alternativesMax)
  readonly uses: KeyUse[] = [{}, {}]
  /** Of the key that `read` read: where its value starts (of a text its content), and whether it is a text. */
  valueAt = 0
  isText = false
  /** A key had no room: before the next object all are forgotten. */
  isFull = false
  readonly #useOf: (key: string) => KeyUse | undefined
  readonly #keysMax: number
  readonly #numbers = new Map<string, number>()
  readonly #others: Int32Array

  /** `useOf` tells what a key means; it must be a pure function. */
  constructor(useOf: (key: string) => KeyUse | undefined, keysMax: number) {
    this.#useOf = useOf
    this.#keysMax = keysMax
    this.keys = new Int32Array(keysMax * keySize)
    this.#others = new Int32Array(keysMax * ways)
    this.runs = new Float64Array(keysMax * blocksPerRun)
    this.runInts = new Int32Array(this.runs.buffer)
  }

  /** Forgets all keys, so that whoever makes up keys takes the room from others for a while only. */
  forget(): void {
    this.isFull = false
    this.keys.fill(0)
    this.#others.fill(0)
    this.#numbers.clear()
    this.uses.length = stray + 1
  }

  /** The key at `at`, after `previous`, when it is not the predicted one: its number, `closed` or `unsure`. */
  read(line: LineBytes, previous: number, at: number): number {
    const others = this.#others
    const { keys } = this
    let moved = keys[previous * keySize + 3] as number
    for (let way = previous * ways; way < (previous + 1) * ways; way++) {
      const key = others[way] as number
      others[way] = moved
      moved = key
      const info = keys[key * keySize] as number
      const length = info & 0xff
      if (hasRun(this, line.view, key, length, at)) {
        keys[previous * keySize + 3] = key
        const isText = (info & textBit) !== 0
        this.isText = isText || line.bytes[at + length] === 0x22
        this.valueAt = at + length + (this.isText && !isText ? 1 : 0)
        return key
      }
    }
    const key = this.#parse(line, at)
    if (key > 0) keys[previous * keySize + 3] = key
    return key === closed && previous !== 0 ? unsure : key
  }

  #parse(line: LineBytes, from: number): number {
    const { bytes, end } = line
    const opened = skipSpace(bytes, from, end)
    if (bytes[opened] === 0x7d) {
      this.valueAt = opened + 1
      return closed
    }
    if (bytes[opened] !== 0x22) return unsure
    let at = opened + 1
    let union = 0
    for (let byte = bytes[at] as number; byte !== 0x22; byte = bytes[++at] as number) {
      if (byte < 0x20 || byte === 0x5c) return unsure
      union |= byte
    }
    const isAscii = union < 0x80
    const key = isAscii ? asciiText(bytes, opened + 1, at) : bytes.toString('utf8', opened + 1, at)
    // Two keys that both hold invalid bytes may be one text, and so one key.
    if (!isAscii && key.includes('\ufffd')) return unsure
    const colon = skipSpace(bytes, at + 1, end)
    if (bytes[colon] !== 0x3a) return unsure
    const value = skipSpace(bytes, colon + 1, end)
    this.isText = bytes[value] === 0x22
    this.valueAt = this.isText ? value + 1 : value
    const number = this.#numberOf(key)
    if (number > stray && isAscii) this.#learn(line, number, from)
    return number
  }

  #numberOf(key: string): number {
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const use = this.#useOf(key)
    // A thousand keys of a line's length would be worth more memory than everything else.
    if (key.length > keyLengthMax) return use === undefined ? stray : unsure
    const number = this.uses.length
    if (number >= this.#keysMax) {
      this.isFull = true
      return use === undefined ? stray : unsure
    }
    this.#numbers.set(key, number)
    this.uses.push(use ?? {})
    const first = use?.takes?.[0]
    if (first) this.keys[number * keySize + 1] = tokenHead(first.place, first.rank)
    this.keys[number * keySize] = actions[actionOf(use)] << actionShift
    return number
  }

  /** Remembers the bytes from `from` to the value as the key's run. None may be a control character: it ends lines. */
  #learn({ bytes, view }: LineBytes, key: number, from: number): void {
    const length = this.valueAt - from
    const info = (this.keys[key * keySize] as number) & ~(textBit | 0xff)
    this.keys[key * keySize] = info
    if (length > runMax || length < 4) return
    for (let at = from; at < this.valueAt; at++) if ((bytes[at] as number) < 0x20) return
    const block = key * blocksPerRun
    if (length < 8) {
      this.runInts[block * 2] = view.getInt32(from, true)
      this.runInts[block * 2 + 1] = view.getInt32(from + 4, true)
    } else {
      const count = (length + 7) >> 3
      for (let one = 0; one < count - 1; one++) this.runs[block + one] = view.getFloat64(from + one * 8, true)
      this.runs[block + count - 1] = view.getFloat64(this.valueAt - 8, true)
    }
    this.keys[key * keySize] = info | length | (this.isText ? textBit : 0)
  }
}

function actionOf({
  takes = [],
  inner,
  mayBeText,
  alternativeOf,
  isDoubtful,
}: KeyUse = {}): keyof typeof actions {
  if (isDoubtful || alternativeOf || mayBeText || takes.length > 1) return 'special'
  if (inner) return takes.length === 0 ? 'enter' : 'special'
  return takes[0] === undefined ? 'skip' : (takes[0].apart ?? 'take')
}

/** Whether the key's run, of that length, stands at `from`; a key without a run has length 0. */
export function hasRun(table: KeyTable, view: DataView, key: number, length: number, from: number): boolean {
  const last = (from + length - 8) | 0
  if (last < from) return hasShortRun(table, view, key, length, from)
  const { runs } = table
  let block = Math.imul(key, blocksPerRun)
  let at = from | 0
  // As floating point numbers 8 bytes are compared at once; ASCII is never NaN, nor 0 with a sign.
  while (at < last) {
    if (runs[block] !== view.getFloat64(at, true)) return false
    block = (block + 1) | 0
    at = (at + 8) | 0
  }
  return runs[block] === view.getFloat64(last, true)
}

function hasShortRun(
  { runInts }: KeyTable,
  view: DataView,
  key: number,
  length: number,
  at: number,
): boolean {
  if (length < 4) return false
  const first = Math.imul(key, blocksPerRun * 2)
  const beyond = (1 << ((length - 4) * 8)) - 1
  return (
    (((runInts[first] as number) ^ view.getInt32(at, true)) |
      (((runInts[first + 1] as number) ^ view.getInt32(at + 4, true)) & beyond)) ===
    0
  )
}
