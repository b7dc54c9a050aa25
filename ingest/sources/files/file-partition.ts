import { existsSync } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Positions, partitionKey } from '../../../core/event/position.ts'
import type { RawRecord, SourceBatch } from '../../../core/ports/source.ts'
import { LineSplitter } from '../lines/line-splitter.ts'
import { type FileIdentity, isThatFile } from './file-identity.ts'
import { findRotated } from './find-file.ts'
import { IdentityMark } from './identity-mark.ts'
import { inflate } from './inflate.ts'
import { otherFileNotice, rotatedNotice } from './other-file-notice.ts'
import { type FollowOptions, isContinuedAt, type PlainChunk, plainChunks } from './plain-chunks.ts'
import { readError, requireFile } from './read-error.ts'

export interface FilePartitionOptions {
  readonly source: string
  readonly path: string
  readonly from: Positions
  readonly signal: AbortSignal
  readonly follow?: FollowOptions
  /** What the file of a partition was known by when it was read before. */
  readonly identityOf?: (partition: string) => FileIdentity | undefined
  /** For a person to know. */
  readonly onNotice?: (text: string) => void
}

/**
 * One file as a partition. Its id is the path as given; a file that took the place of another under the same
 * path is the next generation, `path#1`, so that a position never means two things.
 */
export async function* filePartition(options: FilePartitionOptions): AsyncGenerator<SourceBatch> {
  const { path, signal } = options
  for (let { generation, offset } = resumePoint(options); !signal.aborted; generation++, offset = 0) {
    if (options.follow && !existsSync(path)) {
      // A file that is not there yet must hold nobody back.
      yield { kind: 'opened', partition: generationId(path, generation) }
      yield { kind: 'idle', partition: generationId(path, generation) }
    }
    const named = await openWhenThere(options)
    if (!named) return
    const { file, isCompressed, is } = await toReadFrom(named, generation, offset, options)
    try {
      if (is === 'another') {
        generation++
        offset = 0
      }
      const partition = generationId(path, generation)
      yield { kind: 'opened', partition }
      const chunks = isCompressed
        ? inflatedChunks(file, path, offset)
        : plainChunks(file, path, offset, signal, options.follow)
      const mark = await IdentityMark.open({ source: options.source, partition }, file, isCompressed, offset)
      const isReplaced = yield* batches(partition, chunks, offset, { ...options, mark })
      if (signal.aborted) return
      yield { kind: 'ended', partition }
      if (!isReplaced && is !== 'rotated') return
    } finally {
      await file.close()
    }
  }
}

/** What is read next, and whether it is what was read before, that under the name which rotation gave it, or another file. */
interface ToRead {
  readonly file: FileHandle
  readonly isCompressed: boolean
  readonly is: 'the same' | 'rotated' | 'another'
}

/** Closes the file of that path where another is read in its place. */
async function toReadFrom(
  file: FileHandle,
  generation: number,
  offset: number,
  { path, identityOf, onNotice }: FilePartitionOptions,
): Promise<ToRead> {
  try {
    const isCompressed = await isGzip(file, path)
    const known = offset > 0 ? identityOf?.(generationId(path, generation)) : undefined
    // What cannot be read is told by whoever reads it.
    const isOther = known !== undefined && !(await isThatFile(file, isCompressed, known).catch(() => true))
    if (!isOther && (isCompressed || (await isContinuedAt(file, offset))))
      return { file, isCompressed, is: 'the same' }
    const rotated = known && (await findRotated(path, known))
    if (rotated) {
      await file.close()
      onNotice?.(rotatedNotice(path, offset, rotated.path, rotated.newer))
      return { ...rotated, is: 'rotated' }
    }
    onNotice?.(otherFileNotice(path, offset, isCompressed ? undefined : (await file.stat()).size))
    return { file, isCompressed, is: 'another' }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** A followed file may come later, as a log does after the first request. `undefined` when aborted before. */
async function openWhenThere({
  path,
  signal,
  follow,
}: FilePartitionOptions): Promise<FileHandle | undefined> {
  while (!signal.aborted) {
    try {
      requireFile(await stat(path))
      return await open(path, 'r')
    } catch (cause) {
      if (!follow || (cause as NodeJS.ErrnoException).code !== 'ENOENT') throw readError(path, cause)
      await sleep(follow.pollMs, undefined, { signal }).catch(() => {})
    }
  }
  return undefined
}

/** A batch per chunk. Returns whether another file took the place of this one. */
async function* batches(
  partition: string,
  chunks: AsyncIterable<PlainChunk>,
  offset: number,
  { path, signal, mark: kept }: FilePartitionOptions & { readonly mark: IdentityMark },
): AsyncGenerator<SourceBatch, boolean> {
  const splitter = new LineSplitter(offset)
  const batchOf = (chunk: Buffer, records: RawRecord[]): SourceBatch => {
    const { next } = splitter
    const mark = kept.pass(chunk, next)
    return { kind: 'records', partition, records, next, ...(mark && { decoded: () => [mark] }) }
  }
  let isReplaced = false
  let failure: Error | undefined
  try {
    for await (const chunk of chunks) {
      if (signal.aborted) return false
      if (chunk === 'idle') yield { kind: 'idle', partition }
      else if (chunk === 'replaced') isReplaced = true
      else yield batchOf(chunk, splitter.push(chunk))
    }
  } catch (cause) {
    failure = readError(path, cause, splitter.next)
  }
  if (signal.aborted) return false
  // Of a line that a corrupt place cut off nobody knows the rest, and it is read again once the file is mended.
  if (failure) throw failure
  const last = splitter.end()
  if (last.length > 0) yield batchOf(Buffer.alloc(0), last)
  return isReplaced
}

async function* inflatedChunks(file: FileHandle, path: string, offset: number): AsyncGenerator<Buffer> {
  let at = 0
  for await (const chunk of inflate(file)) {
    const rest = chunk.subarray(Math.min(chunk.length, Math.max(0, offset - at)))
    at += chunk.length
    if (rest.length > 0) yield rest
  }
  if (at < offset) {
    throw new Error(
      `the stored position is ${offset}, but it has only ${at} bytes when decompressed: ${path} isn't the file ` +
        'that was read before; give this one another name',
    )
  }
}

/** By its first bytes, whatever its name says. */
export async function isGzip(file: FileHandle, path: string): Promise<boolean> {
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } catch (cause) {
    throw readError(path, cause)
  }
}

function generationId(path: string, generation: number): string {
  return generation === 0 ? path : `${path}#${generation}`
}

/** The newest generation that has a position. */
function resumePoint({ source, path, from }: FilePartitionOptions) {
  const prefix = partitionKey(source, `${path}#`)
  let generation = 0
  for (const key of from.keys()) {
    const suffix = key.startsWith(prefix) ? key.slice(prefix.length) : ''
    if (/^[1-9]\d{0,8}$/.test(suffix)) generation = Math.max(generation, Number(suffix))
  }
  return { generation, offset: from.get(partitionKey(source, generationId(path, generation))) ?? 0 }
}
