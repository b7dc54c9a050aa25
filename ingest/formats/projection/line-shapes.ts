/** What follows a segment of a line. */
export const slots = {
  /** Nothing: the line ends. */
  end: 0,
  /** A text that nobody reads. */
  skippedText: 1,
  /** Any value that nobody reads, outside of groups and inside. */
  skipped: 2,
  skippedInner: 3,
  /** A text that is remembered. */
  text: 4,
  /** A text that seldom comes twice. */
  fresh: 5,
  number: 6,
  /** A number that stands for something else, such as an instant. */
  converted: 7,
  time: 8,
  path: 9,
} as const

/** The integers of a segment: length, where its bytes are, slot, place, state behind it, next of its state, its effects. */
export const segmentSize = 8
const segmentsMax = 2048
const statesMax = 1024
const effectsMax = 4096
const blocksMax = 32_768
const shortMax = 8

/** What a value that lies in a segment tells. */
export interface Effect {
  readonly place: number
  readonly value: unknown
  readonly hint: number
}

export interface Segment {
  readonly from: number
  readonly end: number
  readonly slot: number
  readonly place: number
  readonly effects: readonly Effect[]
}

/**
 * The shapes of lines that were read, as an automaton. A line is a row of segments (keys, punctuation, and values of which there
 * are few, byte for byte as they came) and slots between them, where any value of one kind may stand. A state is what came
 * so far without its values: all keys, in order. So a line that the automaton accepts differs from one that was
 * read the long way in nothing but its values, and has no key twice that the other has not.
 */
export class LineShapes {
  /** First segment of each state, plus 1. */
  readonly heads = new Int32Array(statesMax)
  readonly segments = new Int32Array(segmentsMax * segmentSize)
  readonly blocks = new Float64Array(blocksMax)
  readonly ints = new Int32Array(this.blocks.buffer)
  readonly places = new Uint8Array(effectsMax)
  readonly hints = new Int32Array(effectsMax)
  readonly values: unknown[] = []
  #segmentsUsed = 0
  #blocksUsed = 0
  /** By what came so far. The first one is where lines start. */
  readonly #states = new Map<string, number>()

  /** Forgets all shapes. */
  forget(): void {
    this.heads.fill(0)
    this.#states.clear()
    this.values.length = 0
    this.#segmentsUsed = 0
    this.#blocksUsed = 0
  }

  /** The state for what came so far; the first one is asked for first. */
  stateOf(skeleton: string): number {
    const state = this.#states.get(skeleton) ?? this.#states.size
    this.#states.set(skeleton, state)
    return state
  }

  /** Adds a segment of a state, whose bytes are in the view; false when there is no room left. */
  add(state: number, segment: Segment, target: number, view: DataView): boolean {
    const { from, end, slot, place, effects } = segment
    const block = this.#blocksUsed
    const count = (end - from + 7) >> 3
    const firstEffect = this.values.length
    if (
      this.#segmentsUsed >= segmentsMax ||
      state >= statesMax ||
      target >= statesMax ||
      firstEffect + effects.length > effectsMax ||
      block + count > blocksMax
    )
      return false
    this.#keep(view, from, end, block)
    this.#blocksUsed += count
    for (const effect of effects) {
      this.places[this.values.length] = effect.place
      this.hints[this.values.length] = effect.hint
      this.values.push(effect.value)
    }
    const number = this.#segmentsUsed++
    const next = this.heads[state] as number
    this.segments.set(
      [end - from, block, slot, place, target, next, firstEffect, this.values.length],
      number * segmentSize,
    )
    this.heads[state] = number + 1
    return true
  }

  /** Bytes in blocks of 8, the last of which overlaps the one before it; of less than 8 the first 4 and the last 4. */
  #keep(view: DataView, from: number, end: number, block: number): void {
    const length = end - from
    if (length < shortMax) {
      this.ints[block * 2] = view.getInt32(from, true)
      this.ints[block * 2 + 1] = length < 4 ? 0 : view.getInt32(end - 4, true)
      return
    }
    const last = block + ((length + 7) >> 3) - 1
    for (let at = block; at < last; at++) this.blocks[at] = view.getFloat64(from + (at - block) * 8, true)
    this.blocks[last] = view.getFloat64(end - 8, true)
  }
}

/** Where the state's segment that stands at `at` starts in `segments`; -1 when none does. */
export function segmentAt(
  shapes: LineShapes,
  state: number,
  view: DataView,
  at: number,
  end: number,
): number {
  const { heads, segments } = shapes
  let previous = -1
  for (let number = heads[state] as number; number !== 0; ) {
    const segment = Math.imul(number - 1, segmentSize)
    const next = segments[segment + 5] as number
    if (isAt(shapes, segment, view, at, end)) {
      // What comes often is to be found soon.
      if (previous >= 0) {
        segments[previous + 5] = next
        segments[segment + 5] = heads[state] as number
        heads[state] = number
      }
      return segment
    }
    previous = segment
    number = next
  }
  return -1
}

function isAt(
  { segments, blocks, ints }: LineShapes,
  segment: number,
  view: DataView,
  from: number,
  end: number,
): boolean {
  const length = segments[segment] as number
  const behind = (from + length) | 0
  if (behind > end) return false
  let block = segments[segment + 1] as number
  if (length < shortMax) {
    const different = view.getInt32(from, true) ^ (ints[block * 2] as number)
    if (length < 4) return (different & ((1 << (length * 8)) - 1)) === 0
    return (different | (view.getInt32(behind - 4, true) ^ (ints[block * 2 + 1] as number))) === 0
  }
  const last = (behind - 8) | 0
  let at = from | 0
  // As floating point numbers 8 bytes are compared at once; ASCII without controls is never NaN, nor 0 with a sign.
  while (at < last) {
    if (blocks[block] !== view.getFloat64(at, true)) return false
    block = (block + 1) | 0
    at = (at + 8) | 0
  }
  return blocks[block] === view.getFloat64(last, true)
}
