import { type FileHandle, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

export interface FollowOptions {
  /** How often to look for growth at the end of the file. */
  readonly pollMs: number
  /** After how long without growth the partition counts as idle. */
  readonly idleMs: number
}

/** Bytes, or that the file didn't grow for the idle time, or that another file took its place. */
export type PlainChunk = Buffer | 'idle' | 'replaced'

const chunkBytes = 256 * 1024
const lf = 0x0a

/**
 * The bytes of a file from `offset` on; each chunk lives until the next is asked for. With `follow` it goes on
 * at the end of the file until the signal aborts or the file was truncated or replaced, as log rotation does.
 */
export async function* plainChunks(
  file: FileHandle,
  path: string,
  offset: number,
  signal: AbortSignal,
  follow?: FollowOptions,
): AsyncGenerator<PlainChunk> {
  const buffer = Buffer.allocUnsafe(chunkBytes)
  let at = offset
  let quietMs = 0
  let isReplaced = false
  while (!signal.aborted) {
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, at)
    if (bytesRead > 0) {
      at += bytesRead
      quietMs = 0
      isReplaced = false
      yield buffer.subarray(0, bytesRead)
      continue
    }
    if (!follow) return
    // A writer keeps the renamed file for a moment, so it must have stayed quiet for one more poll.
    if (isReplaced || (await file.stat()).size < at) {
      yield 'replaced'
      return
    }
    isReplaced = await isAnotherFile(file, path)
    await sleep(follow.pollMs, undefined, { signal }).catch(() => {})
    const wasActive = quietMs < follow.idleMs
    quietMs += follow.pollMs
    if (wasActive && quietMs >= follow.idleMs && !signal.aborted) yield 'idle'
  }
}

/** False when the file can't be the one that the stored offset belongs to. */
export async function isContinuedAt(file: FileHandle, offset: number): Promise<boolean> {
  if (offset === 0) return true
  const { size } = await file.stat()
  if (offset >= size) return offset === size
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, offset - 1)
  return buffer[0] === lf
}

async function isAnotherFile(file: FileHandle, path: string): Promise<boolean> {
  const opened = await file.stat()
  // Between a rotation's rename and the new file there is none: the old one goes on until there is.
  const named = await stat(path).catch(() => opened)
  return named.ino !== opened.ino || named.dev !== opened.dev
}
