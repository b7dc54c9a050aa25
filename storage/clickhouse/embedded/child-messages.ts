/** What the parent tells the child once, over the IPC channel: the token never shows in a command line or environment. */
export interface StartMessage {
  readonly folder: string
  readonly token: string
  /** 0: any free one. */
  readonly port: number
  readonly memoryBytesMax: number
}

/** What the child answers, once. */
export type StartedMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly problem: 'missing' | 'crashed' | 'port'; readonly message: string }
