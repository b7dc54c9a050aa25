import type { EntityRecord } from '../../../core/ports/state-store.ts'

/** First byte of every batch; another one is refused, never misread. */
const formatVersion = 1

/** What begins a record: the detector of the one before, or another one, whose name and version follow. */
const same = 0
const another = 1

/** Of all numbers and marks in a record. */
const fixedBytesMax = 32

/** The records of one commit as schemas 3 and 4 kept them: only migrations write and read them. */
export function packBatch(records: readonly EntityRecord[]): Uint8Array<ArrayBuffer> {
  let bytesMax = 1
  for (const { detector, entity, bytes } of records) {
    bytesMax += fixedBytesMax + 2 * (detector.length + entity.length) + (bytes?.length ?? 0)
  }
  const memory = new ArrayBuffer(bytesMax)
  const out = Buffer.from(memory)
  out[0] = formatVersion
  let at = 1
  let before: EntityRecord | undefined
  for (const record of records) {
    const { detector, version, entity, bytes } = record
    const isSame = before?.detector === detector && before.version === version
    out[at++] = isSame ? same : another
    if (!isSame) at = out.writeDoubleLE(version, putText(out, at, detector))
    at = putText(out, at, entity)
    at = putNumber(out, at, bytes === undefined ? 0 : bytes.length + 1)
    before = record
    if (bytes === undefined) continue
    out.set(bytes, at)
    at += bytes.length
  }
  return new Uint8Array(memory, 0, at)
}

/** The records of a batch, whose bytes lie in it. Throws `RangeError` for what `packBatch` did not write. */
export function* unpackBatch(batch: Uint8Array): Generator<EntityRecord> {
  const reader = new BatchReader(batch)
  if (reader.byte() !== formatVersion) throw new RangeError('a batch of another format')
  let [detector, version] = ['', 0]
  while (!reader.isDone) {
    if (reader.byte() === another) [detector, version] = [reader.text(), reader.double()]
    const entity = reader.text()
    const length = reader.number()
    yield { detector, version, entity, bytes: length === 0 ? undefined : reader.bytes(length - 1) }
  }
}

/** LEB128. */
function putNumber(out: Buffer, start: number, value: number): number {
  let at = start
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) out[at++] = (rest % 128) | 128
  out[at++] = rest
  return at
}

function putText(out: Buffer, at: number, text: string): number {
  const { length } = text
  const start = putNumber(out, at, length * 2)
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index)
    if (code > 0xff) return putWideText(out, at, text)
    out[start + index] = code
  }
  return start + length
}

function putWideText(out: Buffer, at: number, text: string): number {
  const start = putNumber(out, at, text.length * 2 + 1)
  return start + out.write(text, start, 'utf16le')
}

class BatchReader {
  readonly #bytes: Buffer
  #at = 0

  constructor({ buffer, byteOffset, length }: Uint8Array) {
    this.#bytes = Buffer.from(buffer, byteOffset, length)
  }

  get isDone(): boolean {
    return this.#at >= this.#bytes.length
  }

  byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw new RangeError('a batch that ends inside a record')
    return byte
  }

  double(): number {
    return this.bytes(8).readDoubleLE()
  }

  number(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }

  bytes(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new RangeError('a batch that ends inside a record')
    const value = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return value
  }

  text(): string {
    const head = this.number()
    const isWide = head % 2 === 1
    return this.bytes(isWide ? head - 1 : head / 2).toString(isWide ? 'utf16le' : 'latin1')
  }
}
