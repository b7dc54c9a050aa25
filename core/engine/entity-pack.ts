import { ByteWriter } from '../aggregates/byte-writer.ts'
import type { EntityPack, EntityRecord } from '../ports/state-store.ts'
import { PackCursor, packFormat } from './pack-cursor.ts'

/** Writes records one behind the other into one piece of memory, with no object or text for each. */
export class EntityPacker {
  /** For the bytes of the record that was begun. */
  readonly out: ByteWriter
  #length = 0
  #bytes = 0

  /** `bytesMin`: room to begin with; it grows. */
  constructor(bytesMin = 256) {
    this.out = new ByteWriter(bytesMin)
    this.out.uint(packFormat)
  }

  /** A record without bytes; its name is that of an `EntityRecord`, in two parts. */
  gone(prefix: string, rest: string): void {
    this.out.chars(prefix, rest)
    this.out.uint(0)
  }

  /** A record, whose bytes are written to `out` before `end`. */
  begin(prefix: string, rest: string): void {
    this.out.chars(prefix, rest)
    this.#length = this.out.hole()
  }

  end(): void {
    this.out.fill(this.#length, this.out.length - this.#length - ByteWriter.holeBytes + 1)
  }

  /** How long the pack is. */
  get bytes(): number {
    return this.#bytes
  }

  /** What was written, `undefined` where it is nothing. The packer is done with. */
  pack(): EntityPack['bytes'] | undefined {
    this.#bytes = this.out.length
    return this.#bytes > 1 ? this.out.finish() : undefined
  }
}

/** Records as one pack for each log that they belong to, by the number of the packs. */
export function packsOf(records: Iterable<EntityRecord>, number = 1): EntityPack[] {
  const logs = new Map<string, { readonly head: Omit<EntityPack, 'bytes'>; readonly packer: EntityPacker }>()
  for (const { detector, version, entity, bytes } of records) {
    const part = entity.startsWith('s') ? 'slice' : 'pane'
    const key = `${part} ${version} ${detector}`
    const head = { detector, version, part, number, oldest: 1 } as const
    const { packer } = logs.get(key) ?? { packer: new EntityPacker() }
    logs.set(key, { head, packer })
    if (bytes === undefined) packer.gone(entity, '')
    else {
      packer.begin(entity, '')
      packer.out.raw(bytes)
      packer.end()
    }
  }
  return [...logs.values()].map(({ head, packer }) => ({
    ...head,
    bytes: packer.pack() as EntityPack['bytes'],
  }))
}

/** The records of packs in their order; their bytes lie in these. Throws `RangeError` for what no packer wrote. */
export function* unpack(packs: Iterable<EntityPack>): Generator<EntityRecord> {
  for (const pack of packs) {
    const { detector, version } = pack
    const cursor = new PackCursor(pack)
    while (cursor.next()) yield { detector, version, entity: cursor.name, bytes: cursor.bytes }
  }
}
