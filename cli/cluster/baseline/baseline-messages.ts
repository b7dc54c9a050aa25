import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Message } from 'kafkajs'
import type { Baseline } from '../../../core/baseline/baseline.ts'
import { parseBaseline, serializeBaseline } from '../../../core/baseline/baseline-codec.ts'

/** Brokers take messages up to 1 MB by default. */
const pieceBytes = 700_000
/** Unpacked; one of two thousand entities of each detector has some tens of megabytes. */
const textBytesMax = 1024 * 1024 * 1024
const version = 1
const headKey = 'head'
const pieceKey = (index: number) => `piece ${index}`

/** Stands behind the pieces: how many they are, and what they make together. */
interface Head {
  readonly version: number
  readonly pieces: number
  readonly sha256: string
}

/** A baseline as records of a compacted topic, to be committed together: the newest of each key is the one in force. */
export async function baselineMessages(baseline: Baseline): Promise<Message[]> {
  const packed = await promisify(gzip)(serializeBaseline(baseline))
  const pieces: Message[] = []
  for (let from = 0; from < packed.length; from += pieceBytes)
    pieces.push({
      key: pieceKey(pieces.length),
      value: packed.subarray(from, from + pieceBytes),
      partition: 0,
    })
  const head: Head = { version, pieces: pieces.length, sha256: sha256(packed) }
  return [...pieces, { key: headKey, value: JSON.stringify(head), partition: 0 }]
}

/** The newest record of each key, until a head and its pieces are together. */
export class BaselineRecords {
  readonly #values = new Map<string, Buffer>()

  take(key: string, value: Buffer | null): void {
    if (value) this.#values.set(key, value)
  }

  /**
   * The baseline; `undefined` while there is none, or one is read in part.
   *
   * @throws Error for one that this version of Picket can't read
   */
  async read(): Promise<Baseline | undefined> {
    const value = this.#values.get(headKey)
    if (!value) return undefined
    const head = JSON.parse(value.toString('utf8')) as Head
    if (head.version !== version)
      throw new RangeError(
        `the baseline in Kafka is kept in format ${head.version}, this version of Picket reads ${version}: update this process`,
      )
    // Some of its pieces are not there yet; or it is damaged, and no such number of them fits into memory.
    if (!(head.pieces < this.#values.size)) return undefined
    const pieces = Array.from({ length: head.pieces }, (_, index) => this.#values.get(pieceKey(index)))
    const packed = Buffer.concat(pieces.flatMap((piece) => piece ?? []))
    // Pieces of the next one are there, and its head is not yet.
    if (sha256(packed) !== head.sha256) return undefined
    const text = await promisify(gunzip)(packed, { maxOutputLength: textBytesMax })
    return parseBaseline(text.toString('utf8'), 'the baseline in Kafka')
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
