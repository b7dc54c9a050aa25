import type { FileHandle } from 'node:fs/promises'
import type { SourceBatch } from '../../../core/ports/source.ts'
import { LineSplitter } from '../lines/line-splitter.ts'
import { RangeGone } from '../range-gone.ts'
import type { FileIdentity } from './file-identity.ts'
import { findFile } from './find-file.ts'
import { inflate } from './inflate.ts'

export interface FileRangeOptions {
  /** As the source named it. */
  readonly partition: string
  /** Where the file was. */
  readonly path: string
  /** Where a record begins. */
  readonly from: number
  /** Where another begins, or the file ended when it was read; infinite: whatever there is. */
  readonly to: number
  readonly identity: FileIdentity | undefined
  /** No later file was read under the same path. */
  readonly isNewest: boolean
}

export type RecordsBatch = Extract<SourceBatch, { kind: 'records' }>

const chunkBytes = 256 * 1024
const lf = 0x0a

/**
 * The records of a part of a file that was read before, with their offsets; a batch lives until the next is asked for.
 * @throws RangeGone when the file is not there any more, is another, or has become shorter
 */
export async function* fileRange(options: FileRangeOptions): AsyncGenerator<RecordsBatch> {
  const { partition, from, to } = options
  const { path, file, isCompressed } = await findFile(options.path, options)
  try {
    const chunks = isCompressed ? inflated(file, from, to) : plain(file, from, to)
    const splitter = new LineSplitter(from)
    let at = from
    for await (const { chunk, before } of chunks) {
      // Offsets are those of a line's start: any other place means another file than was read.
      if (at === from && from > 0 && before !== lf) throw new RangeGone(moved(path, from))
      at += chunk.length
      yield { kind: 'records', partition, records: splitter.push(chunk), next: splitter.next }
    }
    if (at < to && Number.isFinite(to))
      throw new RangeGone(`${path}: it has only ${at} bytes, and what was read went on to ${to}`)
    const last = splitter.end()
    if (last.length > 0) yield { kind: 'records', partition, records: last, next: splitter.next }
  } finally {
    await file.close()
  }
}

function moved(path: string, from: number): string {
  return `${path}: no line begins at offset ${from}, so it isn't the file that was read`
}

/** A piece of the file, and the byte that lies before it; that of the first one only is looked at. */
interface Piece {
  readonly chunk: Buffer
  readonly before: number | undefined
}

async function* plain(file: FileHandle, from: number, to: number): AsyncGenerator<Piece> {
  const buffer = Buffer.allocUnsafe(chunkBytes)
  const preceding = Buffer.alloc(1)
  if (from > 0) await file.read(preceding, 0, 1, from - 1)
  for (let at = from; at < to; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(chunkBytes, to - at), at)
    if (bytesRead === 0) return
    at += bytesRead
    yield { chunk: buffer.subarray(0, bytesRead), before: preceding[0] }
  }
}

async function* inflated(file: FileHandle, from: number, to: number): AsyncGenerator<Piece> {
  let at = 0
  let before: number | undefined
  for await (const whole of inflate(file)) {
    const start = Math.min(whole.length, Math.max(0, from - at))
    const chunk = whole.subarray(start, Math.max(start, Math.min(whole.length, to - at)))
    if (start > 0) before = whole[start - 1]
    at += whole.length
    if (chunk.length > 0) yield { chunk, before }
    if (at >= to) return
  }
}
