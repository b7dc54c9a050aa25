import { type Cells, decodeCells, encodeCells, type Shape } from '../aggregates/aggregate.ts'
import { ByteReader, ByteWriter } from '../aggregates/bytes.ts'
import type { Detector } from '../detector/detector.ts'
import type { KeyedHash } from '../hash/keyed-hash.ts'
import type { EntityState, Pane } from './entity-state.ts'

/** First byte of every record; another one is refused, never misread. */
const formatVersion = 1

/** The panes and memory of an entity as bytes; its findings are stored as findings. */
export function encodeEntity(detector: Detector, state: EntityState): Uint8Array {
  const out = new ByteWriter()
  out.uint(formatVersion)
  out.float(state.sealed)
  out.uint(state.panes.length)
  for (const pane of [...state.panes].sort((left, right) => left.index - right.index)) {
    for (const number of [pane.index, pane.first, pane.last, pane.events]) out.float(number)
    encodeCells(detector.pane, pane.cells, out)
    if (pane.index > state.sealed) encodeCells(detector.memory, pane.cells, out)
  }
  out.uint(state.memory.size)
  for (const [slice, cells] of [...state.memory].sort(([left], [right]) => left - right)) {
    out.float(slice)
    encodeCells(detector.memory, cells, out)
  }
  return out.finish()
}

/** What `encodeEntity` wrote. Throws `RangeError` for a torn record or one of another version. */
export function decodeEntity(
  detector: Detector,
  bytes: Uint8Array,
  hash: KeyedHash,
): Pick<EntityState, 'panes' | 'memory' | 'sealed'> {
  const from = new ByteReader(bytes)
  const version = from.uint()
  if (version !== formatVersion) {
    throw new RangeError(
      `${detector.id}: stored state has format ${version}, this version reads ${formatVersion}`,
    )
  }
  const sealed = from.float()
  const panes: Pane[] = []
  for (let count = from.uint(); count > 0; count--) {
    const [index, first, last, events] = [from.float(), from.float(), from.float(), from.float()]
    const cells = decodeCells(detector.pane, from, hash)
    const memory = index > sealed ? decodeCells(detector.memory, from, hash) : {}
    panes.push({ index, first, last, events, cells: { ...cells, ...memory } })
  }
  const memory = new Map<number, Cells<Shape>>()
  for (let count = from.uint(); count > 0; count--)
    memory.set(from.float(), decodeCells(detector.memory, from, hash))
  return { panes, memory, sealed }
}
