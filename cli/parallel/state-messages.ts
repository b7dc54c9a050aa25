import type { EncodedChanges } from '../../storage/sqlite/encode-changes.ts'
import type { StateErrorCode } from '../../storage/sqlite/state-error.ts'

/** What the thread that writes the state is started with. */
export interface StateThreadData {
  /** The opened database's file. */
  readonly file: string
  /** The store's term. */
  readonly term: number
}

/** To the thread. It answers commits in their order. */
export type ToStateThread =
  | { readonly kind: 'commit'; readonly changes: EncodedChanges }
  | { readonly kind: 'close' }

/** From the thread: `committed` or `failed` for each commit. */
export type FromStateThread =
  | { readonly kind: 'committed' }
  /** `code` is missing when it is no `StateError`. */
  | { readonly kind: 'failed'; readonly code: StateErrorCode | undefined; readonly message: string }
