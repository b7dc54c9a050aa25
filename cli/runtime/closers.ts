import type { Logger } from 'pino'

/** Closes what was opened, last opened first, and goes on when one fails. */
export class Closers {
  readonly #closers: (() => Promise<unknown>)[] = []
  readonly #log: Pick<Logger, 'error'>
  constructor(log: Pick<Logger, 'error'>) {
    this.#log = log
  }
  add(close: () => Promise<unknown>): void {
    this.#closers.unshift(close)
  }
  async close(): Promise<void> {
    for (const close of this.#closers) {
      await close().catch((error: unknown) => this.#log.error({ err: error }, 'could not close'))
    }
  }
}
