/** One in a thousand callers of that density would come so far by chance. */
const surprise = Math.log(1000)

/**
 * The score that a stretch needs before chance is ruled out, when ids are scattered over `places` with density
 * `background` and the score is that of `walk.ts` for `densityMin`: (ln places + ln 1000) ÷ λ, with λ the positive root
 * of `b·e^λ + (1-b)·e^(-cost·λ) = 1` (Karlin and Altschul, 1990). Zero when everything is as dense as a walk.
 */
export function chanceScore(background: number, densityMin: number, places: number): number {
  if (background >= densityMin) return 0
  const cost = densityMin / (1 - densityMin)
  const excess = (lambda: number) =>
    background * Math.exp(lambda) + (1 - background) * Math.exp(-cost * lambda) - 1
  // The root lies below -ln b, where the first term alone is one.
  let [low, high] = [0, -Math.log(background)]
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2
    if (excess(middle) < 0) low = middle
    else high = middle
  }
  return (Math.log(places) + surprise) / high
}

/**
 * Whether many independent visitors explain a stretch: those who ask at random for `requests` objects meet many of them
 * again, while a walk asks for each one as often as for every other. Coupon collector: with density d, `-ln(1-d)`
 * requests a place. A walk has to be better than that by a third, and by more the fewer the places.
 */
export function looksLikeCrowd(
  walk: { readonly places: number; readonly density: number },
  requests: readonly number[],
): boolean {
  const density = Math.min(walk.density, 1 - 1 / (2 * walk.places + 2))
  const efficiencyByChance = density / -Math.log(1 - density)
  const total = requests.reduce((sum, count) => sum + count, 0)
  const each = requests.reduce((least, count) => Math.min(least, count), Number.POSITIVE_INFINITY)
  const margin = 1.3 + 3 / Math.sqrt(walk.places)
  return (requests.length * each) / total < Math.min(0.9, efficiencyByChance * margin)
}
