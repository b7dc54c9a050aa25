import type { Positions } from '../../../core/event/position.ts'
import type { Source, SourceBatch } from '../../../core/ports/source.ts'
import { interleave } from '../interleave.ts'
import { storedIdentity } from './file-identity.ts'
import { filePartition } from './file-partition.ts'
import type { FollowOptions } from './plain-chunks.ts'

export interface FileSourceOptions {
  readonly id: string
  /** Plain or gzip, told apart by their first bytes. A path named twice is read once. */
  readonly paths: readonly string[]
  /** Go on at the end of plain files as they grow; otherwise a file ends at its end. */
  readonly follow?: Partial<FollowOptions>
  /** Marks of the last commit: a file that is not like the one that was read under its path is another. */
  readonly marks?: ReadonlyMap<string, string>
  /** For a person to know. */
  readonly onNotice?: (text: string) => void
}

const followDefault: FollowOptions = { pollMs: 200, idleMs: 30_000 }

/** Lines of files, one partition a file. Offsets are those of the line's start in the decompressed bytes. */
export class FileSource implements Source {
  readonly id: string
  readonly #paths: readonly string[]
  readonly #follow: FollowOptions | undefined
  readonly #marks: ReadonlyMap<string, string>
  readonly #onNotice: (text: string) => void

  constructor({ id, paths, follow, marks = new Map(), onNotice = () => {} }: FileSourceOptions) {
    this.id = id
    this.#paths = [...new Set(paths)]
    this.#marks = marks
    this.#onNotice = onNotice
    this.#follow = follow && { ...followDefault, ...follow }
  }

  /**
   * Each file by itself, read only as far as it is asked, so that a merge by time can hold one back for another.
   * A partition's batch lives until that partition's next one is asked for.
   */
  partitions(from: Positions, signal: AbortSignal): AsyncIterable<SourceBatch>[] {
    const follow = this.#follow
    const identityOf = (partition: string) => storedIdentity(this.#marks, this.id, partition)
    const common = { source: this.id, from, signal, identityOf, onNotice: this.#onNotice }
    return this.#paths.map((path) => filePartition({ ...common, path, ...(follow && { follow }) }))
  }

  read(from: Positions, signal: AbortSignal): AsyncIterable<SourceBatch> {
    return interleave(this.partitions(from, signal))
  }
}
