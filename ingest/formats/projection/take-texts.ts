import type { EventRecord } from '../../../core/event/event-record.ts'
import type { LineBytes } from './line-bytes.ts'
import { startMask, tagMask } from './text-generation.ts'
import { mixedHash } from './text-hash.ts'
import { find, holds, type TextTable } from './text-table.ts'
import { listOfOne, type Tokens, tokenSize } from './tokens.ts'

// What this module alone names is part of its compiled code; what others export is looked up each time.
const inStart = startMask
const inTag = tagMask
const size = tokenSize
const placeBits = listOfOne - 1
const mixed = mixedHash
const isHeld = holds

/** Sets the fields of plain texts to what the table remembers of them: `lookUp` for a whole line at once. */
export function takeTexts(
  table: TextTable<unknown>,
  texts: Tokens,
  line: LineBytes,
  event: EventRecord,
): void {
  const { ints: tokens, length } = texts
  const { view } = line
  const { values } = table
  const { hints } = event
  let { recent } = table
  let { slots, ints, mask } = recent
  for (let token = 0; token < length; token = (token + size) | 0) {
    const noted = (tokens[token] as number) & 0xff
    const from = tokens[token + 1] as number
    const end = tokens[token + 2] as number
    const tail = tokens[token + 4] as number
    const hash = mixed(tokens[token + 3] as number, noted)
    const slot = slots[hash & mask] as number
    const first = (slot & inStart) << 1
    let number: number
    if (
      ((slot ^ hash) & inTag) === 0 &&
      (((ints[first] as number) ^ ((noted << 16) | (end - from))) | ((ints[first + 2] as number) ^ tail)) ===
        0 &&
      isHeld(recent, first, view, from, end)
    ) {
      number = ints[first + 1] as number
    } else {
      number = find(table, line, noted, from, end, hash, tail)
      // What is new may have moved the table.
      recent = table.recent
      slots = recent.slots
      ints = recent.ints
      mask = recent.mask
    }
    const value = number === 0 ? table.made : values[number]
    if (value === undefined) continue
    const place = noted & placeBits
    event.set(place, value)
    hints[place] = number
  }
}
