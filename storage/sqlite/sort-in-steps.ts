/** Sorts by text, ascending, in steps of about so many comparisons each: a merge sort from the bottom up. */
export function* sortInSteps<T>(
  items: readonly T[],
  textOf: (item: T) => string,
  stepMax: number,
): Generator<void, readonly T[]> {
  const byText = (left: T, right: T) => (textOf(left) < textOf(right) ? -1 : 1)
  let sorted: T[] = []
  for (let from = 0; from < items.length; from += stepMax) {
    for (const item of items.slice(from, from + stepMax).sort(byText)) sorted.push(item)
    yield
  }
  for (let run = stepMax; run < sorted.length; run *= 2) {
    const merged: T[] = []
    for (let from = 0; from < sorted.length; from += 2 * run) {
      let [left, right] = [from, from + run]
      const [leftEnd, rightEnd] = [right, right + run].map((end) => Math.min(end, sorted.length)) as [
        number,
        number,
      ]
      while (left < leftEnd || right < rightEnd) {
        const takesLeft =
          right >= rightEnd || (left < leftEnd && byText(sorted[left] as T, sorted[right] as T) < 0)
        merged.push(sorted[takesLeft ? left++ : right++] as T)
        if (merged.length % stepMax === 0) yield
      }
    }
    sorted = merged
  }
  return sorted
}
