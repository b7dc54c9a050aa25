import { Buffer } from 'node:buffer'

/** A batch taken apart: what stands before its rows, and each row. */
export interface BatchRows {
  readonly header: Buffer
  readonly rows: readonly BatchRow[]
}

export interface BatchRow {
  readonly bytes: Buffer
  /** Value of the column `id`, where the table has one. */
  readonly id: string | undefined
}

const fixedBytes = new Map([
  ['Bool', 1],
  ['UInt8', 1],
  ['UInt32', 4],
  ['UInt64', 8],
  ['Int64', 8],
  ['Float64', 8],
])

/** Takes apart what the row encoder of this or another version wrote. @throws RangeError for bytes of another kind */
export function batchRows(batch: Uint8Array): BatchRows {
  const bytes = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength)
  const cursor = new Cursor(bytes)
  const count = cursor.count()
  const names = Array.from({ length: count }, () => cursor.text())
  const types = Array.from({ length: count }, () => cursor.text())
  const header = bytes.subarray(0, cursor.at)
  const rows: BatchRow[] = []
  while (cursor.at < bytes.length) {
    const start = cursor.at
    let id: string | undefined
    for (const [index, type] of types.entries()) {
      if (names[index] === 'id') id = cursor.text()
      else cursor.skip(type)
    }
    rows.push({ bytes: bytes.subarray(start, cursor.at), id })
  }
  return { header, rows }
}

/** Goes through values of RowBinary. */
class Cursor {
  readonly #bytes: Buffer
  at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  count(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#moved(1)] as number
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }

  text(): string {
    const length = this.count()
    const start = this.#moved(length)
    return this.#bytes.toString('utf8', start, start + length)
  }

  skip(type: string): void {
    const [, outer = type, inner = ''] = /^(LowCardinality|Nullable|Array|Map)\((.*)\)$/.exec(type) ?? []
    if (outer === 'LowCardinality') this.skip(inner)
    else if (outer === 'Nullable') {
      if (this.#bytes[this.#moved(1)] === 0) this.skip(inner)
    } else if (outer === 'Array') for (let left = this.count(); left > 0; left--) this.skip(inner)
    else if (outer === 'Map') {
      const comma = inner.indexOf(', ')
      for (let left = this.count(); left > 0; left--) {
        this.skip(inner.slice(0, comma))
        this.skip(inner.slice(comma + 2))
      }
    } else if (outer === 'String') this.#moved(this.count())
    else this.#moved(fixedBytes.get(outer) ?? (outer.startsWith('DateTime64(') ? 8 : unknown(outer)))
  }

  /** Goes on by so many bytes; returns where it was. */
  #moved(bytes: number): number {
    const { at } = this
    this.at += bytes
    if (this.at > this.#bytes.length) throw new RangeError('the batch ends within a row')
    return at
  }
}

function unknown(type: string): never {
  throw new RangeError(`the batch has a column of the unknown type ${type.slice(0, 100)}`)
}
