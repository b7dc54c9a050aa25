/** How a disturbed run differs from the undisturbed one. */
export interface Difference {
  /** In the undisturbed run and not in the other. */
  readonly lost: number
  /** In the other alone, or more than once. */
  readonly extra: number
}

export function difference(expected: readonly string[], found: readonly string[]): Difference {
  const left = new Map<string, number>()
  for (const one of expected) left.set(one, (left.get(one) ?? 0) + 1)
  let extra = 0
  for (const one of found) {
    const count = left.get(one) ?? 0
    if (count > 0) left.set(one, count - 1)
    else extra++
  }
  return { lost: [...left.values()].reduce((sum, count) => sum + count, 0), extra }
}

/** Lines of a text that has some. */
export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}
