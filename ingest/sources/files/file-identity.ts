import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { partitionKey } from '../../../core/event/position.ts'
import { inflate } from './inflate.ts'

/** As much of a file as is looked at in each of two places, bytes. */
export const printBytes = 1024

/** So many (decompressed) bytes, and their SHA-256. */
export interface Print {
  readonly bytes: number
  readonly sha256: string
}

/**
 * What tells a file from others that were or will be under its path: how it begins, and what lay before a place up to which
 * it was read, for logs with long headings begin alike. States of before 30 November 2026 have no `before`.
 */
export interface FileIdentity extends Print {
  readonly before?: Print & { readonly at: number }
}

export function printOf(content: Uint8Array): Print {
  return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
}

/** Bytes of a file from `at` on; fewer where it ends before. */
export async function bytesAt(
  file: FileHandle,
  isCompressed: boolean,
  at: number,
  bytes: number,
): Promise<Buffer> {
  if (bytes === 0) return Buffer.alloc(0)
  if (!isCompressed) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, at)
    return buffer.subarray(0, bytesRead)
  }
  const parts: Buffer[] = []
  let passed = 0
  for await (const chunk of inflate(file)) {
    const part = chunk.subarray(Math.max(0, at - passed), Math.max(0, at + bytes - passed))
    // A copy: the chunk is used again.
    if (part.length > 0) parts.push(Buffer.from(part))
    passed += chunk.length
    if (passed >= at + bytes) break
  }
  return Buffer.concat(parts)
}

/** Whether it is that file, as far as it is known. */
export async function isThatFile(
  file: FileHandle,
  isCompressed: boolean,
  { before, ...head }: FileIdentity,
): Promise<boolean> {
  if (!isSame(printOf(await bytesAt(file, isCompressed, 0, head.bytes)), head)) return false
  if (before === undefined) return true
  const { at, bytes } = before
  return isSame(printOf(await bytesAt(file, isCompressed, at - bytes, bytes)), before)
}

/** The stored identity of a partition's file; `undefined` where none was stored. */
export function storedIdentity(
  marks: ReadonlyMap<string, string>,
  source: string,
  partition: string,
): FileIdentity | undefined {
  const text = marks.get(identityKey(source, partition))
  return text === undefined ? undefined : (JSON.parse(text) as FileIdentity)
}

/** Of the mark that holds it. */
export function identityKey(source: string, partition: string): string {
  return `head:${partitionKey(source, partition)}`
}

function isSame(one: Print, other: Print): boolean {
  return one.bytes === other.bytes && one.sha256 === other.sha256
}
