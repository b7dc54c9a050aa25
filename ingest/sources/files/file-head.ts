import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { partitionKey } from '../../../core/event/position.ts'
import type { Mark } from '../../../core/ports/state-store.ts'
import { inflate } from './inflate.ts'

/** As much of a file's beginning as tells it from others that were or will be under its path. */
const headBytesMax = 1024

/** How a file begins: so many of its first (decompressed) bytes, and their SHA-256. */
export interface FileHead {
  readonly bytes: number
  readonly sha256: string
}

/** The first bytes of a file; fewer where it is shorter. */
export async function readHead(file: FileHandle, isCompressed: boolean, bytes: number): Promise<FileHead> {
  const head = isCompressed ? await inflatedHead(file, bytes) : await plainHead(file, bytes)
  return { bytes: head.length, sha256: createHash('sha256').update(head).digest('hex') }
}

/** Whether the file begins like that. */
export async function beginsLike(file: FileHandle, isCompressed: boolean, head: FileHead): Promise<boolean> {
  const own = await readHead(file, isCompressed, head.bytes)
  return own.bytes === head.bytes && own.sha256 === head.sha256
}

/** The stored head of a partition; `undefined` where none was stored. */
export function storedHead(
  marks: ReadonlyMap<string, string>,
  source: string,
  partition: string,
): FileHead | undefined {
  const text = marks.get(markKey(source, partition))
  return text === undefined ? undefined : (JSON.parse(text) as FileHead)
}

/** Keeps the stored head of a file up to date while the file is shorter than a head. */
export class HeadMark {
  readonly #key: string
  #bytes = 0

  constructor(source: string, partition: string) {
    this.#key = markKey(source, partition)
  }

  /** The mark to be committed once the file was read up to `next`; `undefined` when it says nothing new. */
  async upTo(next: number, file: FileHandle, isCompressed: boolean): Promise<Mark | undefined> {
    const bytes = Math.min(next, headBytesMax)
    if (bytes <= this.#bytes) return undefined
    const head = await readHead(file, isCompressed, bytes)
    this.#bytes = head.bytes
    return { key: this.#key, value: JSON.stringify(head) }
  }
}

function markKey(source: string, partition: string): string {
  return `head:${partitionKey(source, partition)}`
}

async function plainHead(file: FileHandle, bytes: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(new Uint8Array(bytes), 0, bytes, 0)
  return buffer.subarray(0, bytesRead)
}

async function inflatedHead(file: FileHandle, bytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of inflate(file)) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= bytes) break
  }
  return Buffer.concat(chunks).subarray(0, bytes)
}
