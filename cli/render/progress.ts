import { stderr } from 'node:process'

/** How often a progress line is drawn, milliseconds. */
const everyMs = { terminal: 200, log: 5000 }

/** One line on standard error that tells how far long work is: redrawn on a terminal, now and then in a log. */
export class Progress {
  readonly #now: () => number
  #last = 0
  #drawn = false

  constructor(now: () => number) {
    this.#now = now
    this.#last = now()
  }

  /** Draws when it is time; `text` is called only then. */
  show(text: () => string): void {
    const now = this.#now()
    if (now - this.#last < (stderr.isTTY ? everyMs.terminal : everyMs.log)) return
    this.#last = now
    this.#drawn = true
    stderr.write(stderr.isTTY ? `\r\u001b[K${text()}` : `${text()}\n`)
  }

  /** Clears the line, so that results start on an empty one. */
  done(): void {
    if (this.#drawn && stderr.isTTY) stderr.write('\r\u001b[K')
    this.#drawn = false
  }
}
