/** How a disturbed run differs from the undisturbed one. */
export interface Difference {
  /** In the undisturbed run and not in the other. */
  readonly lost: number
  /** In the other alone, or more than once. */
  readonly extra: number
  /** All of these, each with a sign. */
  readonly lines: readonly string[]
}

export function difference(expected: readonly string[], found: readonly string[]): Difference {
  const left = new Map<string, number>()
  for (const one of expected) left.set(one, (left.get(one) ?? 0) + 1)
  const extra: string[] = []
  for (const one of found) {
    const count = left.get(one) ?? 0
    if (count > 0) left.set(one, count - 1)
    else extra.push(`+ ${one}`)
  }
  const lost = [...left].flatMap(([one, count]) => Array.from({ length: count }, () => `- ${one}`))
  return { lost: lost.length, extra: extra.length, lines: [...lost, ...extra] }
}

/** Lines of a text that has some. */
export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}
