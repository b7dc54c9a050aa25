import { createHash } from 'node:crypto'
import type { Random } from '../scenarios/random.ts'

interface Task {
  readonly at: number
  /** Decides among tasks of the same instant. */
  readonly rank: number
  readonly run: () => void
}

/**
 * The only source of order and time in a simulation: a virtual clock that jumps to the next task, and among the tasks
 * of one instant a seeded choice. Between two tasks all promises that are ready run out.
 */
export class Scheduler {
  /** Virtual milliseconds since the start; it never goes back. */
  now = 0
  /** Tasks that were run. */
  count = 0
  readonly #random: Random
  readonly #heap: Task[] = []
  readonly #digest = createHash('sha256')

  constructor(random: Random) {
    this.#random = random
  }

  /** Runs `run` after a virtual time, milliseconds. */
  after(ms: number, run: () => void): void {
    const task = { at: this.now + Math.max(0, ms), rank: this.#random.next(), run }
    let place = this.#heap.push(task) - 1
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!goesBefore(task, this.#heap[parent] as Task)) break
      this.#heap[place] = this.#heap[parent] as Task
      place = parent
    }
    this.#heap[place] = task
  }

  /** Adds a line to the trace, whose digest names everything that happened. */
  trace(line: string): void {
    this.#digest.update(`${this.now} ${line}\n`)
  }

  get digest(): string {
    return this.#digest.copy().digest('hex').slice(0, 16)
  }

  /** Runs tasks until `isDone`. Returns false when nothing is left to run, or time is over before. */
  async run(isDone: () => boolean, untilMs: number): Promise<boolean> {
    await promisesRunOut()
    while (!isDone()) {
      const task = this.#next()
      if (!task || task.at > untilMs) return false
      this.now = task.at
      this.count++
      task.run()
      await promisesRunOut()
    }
    return true
  }

  #next(): Task | undefined {
    const first = this.#heap[0]
    const last = this.#heap.pop()
    if (!first || !last || this.#heap.length === 0) return first
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      const right = this.#heap[child + 1]
      if (right && goesBefore(right, this.#heap[child] as Task)) child++
      const smaller = this.#heap[child]
      if (!smaller || !goesBefore(smaller, last)) break
      this.#heap[place] = smaller
      place = child
    }
    this.#heap[place] = last
    return first
  }
}

function goesBefore(left: Task, right: Task): boolean {
  return left.at < right.at || (left.at === right.at && left.rank < right.rank)
}

/** Everything under test goes on by promises alone, so one turn of the real event loop is enough. */
function promisesRunOut(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
