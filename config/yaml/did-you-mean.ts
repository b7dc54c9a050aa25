/** The known name that `name` was probably meant to be: at most a third of its characters are wrong. */
export function didYouMean(name: string, known: Iterable<string>): string | undefined {
  const wanted = plain(name)
  if (name.length > 64) return undefined
  let best: { readonly name: string; readonly distance: number } | undefined
  for (const candidate of known) {
    const distance = editDistance(wanted, plain(candidate))
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3))
    if (distance <= allowed && (!best || distance < best.distance)) best = { name: candidate, distance }
  }
  return best?.name
}

const shownMax = 16

/** `did you mean …?`, or the known names, of many the first. */
export function nameHint(name: string, known: readonly string[]): string | undefined {
  const meant = didYouMean(name, known)
  if (meant !== undefined) return `did you mean '${meant}'?`
  if (known.length === 0) return undefined
  const more = known.length > shownMax ? `, and ${known.length - shownMax} more` : ''
  return `known here: ${known.slice(0, shownMax).join(', ')}${more}`
}

/** `data-dir`, `dataDir` and `data_dir` are the same name to a person. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[-_.\s]/g, '')
}

/** Damerau-Levenshtein distance with adjacent transpositions (optimal string alignment). */
export function editDistance(left: string, right: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    const row = [i]
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1] ? 0 : 1
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same)
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1)
      }
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return last[right.length] ?? 0
}
