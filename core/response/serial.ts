/** Runs sections one after the other, in the order in which they came; a failure doesn't stop the next. */
export class Serial {
  #tail: Promise<unknown> = Promise.resolve()

  run<T>(section: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(section)
    this.#tail = result.catch(() => undefined)
    return result
  }
}
