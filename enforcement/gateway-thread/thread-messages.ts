import type { TableChange } from '../replicated-table.ts'

/** What the thread is started with. */
export interface ThreadData<Settings> {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** Memory of the `AnswerCounter`. */
  readonly counts: SharedArrayBuffer
  /** What the thread's script needs to tell who sends a request. */
  readonly settings: Settings
}

/** From the engine's thread. The first is always `replace`, and is there before the thread is. */
export type ToThread = TableChange | { readonly kind: 'close' }

/** Requests that got an error instead of an answer. */
export interface AnswerErrors {
  readonly count: number
  /** Where in the code the latest happened, as `errorPlace` tells it; never request content. */
  readonly place: string
}

/** From the thread that answers. `listening` or `failed` comes once. */
export type FromThread =
  | { readonly kind: 'listening'; readonly port: number }
  /** For a person; nothing was answered yet, so it quotes no request. */
  | { readonly kind: 'failed'; readonly message: string }
  /** Keys to verify tokens with could not be read; for a person. */
  | { readonly kind: 'problem'; readonly message: string }
  /** Since the last of these. */
  | ({ readonly kind: 'errors' } & AnswerErrors)
