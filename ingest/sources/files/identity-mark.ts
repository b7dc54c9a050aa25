import type { FileHandle } from 'node:fs/promises'
import type { Mark } from '../../../core/ports/state-store.ts'
import { bytesAt, type FileIdentity, identityKey, printBytes, printOf } from './file-identity.ts'

/** Keeps the stored identity of a file up to date while it is read: what passes by is enough to know it. */
export class IdentityMark {
  readonly #key: string
  #head: Buffer
  /** What was read last, up to `#at`. */
  #recent: Buffer
  #at: number

  private constructor(key: string, head: Buffer, recent: Buffer, at: number) {
    this.#key = key
    this.#head = head
    this.#recent = recent
    this.#at = at
  }

  /** For the file of a partition that is read from `offset` on. */
  static async open(
    { source, partition }: { readonly source: string; readonly partition: string },
    file: FileHandle,
    isCompressed: boolean,
    offset: number,
  ): Promise<IdentityMark> {
    const head = await bytesAt(file, isCompressed, 0, Math.min(offset, printBytes))
    // To know it of a compressed file all before it would be inflated once more.
    const before = isCompressed ? 0 : Math.min(offset, printBytes)
    const recent = await bytesAt(file, isCompressed, offset - before, before)
    return new IdentityMark(identityKey(source, partition), head, recent, offset)
  }

  /**
   * The mark to be committed once the file was read up to `next`, after this chunk came. `undefined` while too little passed by:
   * the one before holds as well.
   */
  pass(chunk: Buffer, next: number): Mark | undefined {
    const { length } = this.#head
    if (length < printBytes && this.#at === length)
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, printBytes - length)])
    const known = chunk.length < printBytes ? Buffer.concat([this.#recent, chunk]) : chunk
    const all = next - this.#at >= printBytes ? chunk : Buffer.concat([this.#recent, chunk])
    this.#at += chunk.length
    // A copy: the chunk is used again.
    this.#recent = Buffer.from(known.subarray(-printBytes))
    const bytes = Math.min(next, printBytes)
    const end = all.length - (this.#at - next)
    if (bytes === 0 || end < bytes || this.#head.length < bytes) return undefined
    const identity: FileIdentity = {
      ...printOf(this.#head.subarray(0, bytes)),
      before: { ...printOf(all.subarray(end - bytes, end)), at: next },
    }
    return { key: this.#key, value: JSON.stringify(identity) }
  }
}
