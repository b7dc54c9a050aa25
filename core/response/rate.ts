import type { Rate } from '../decision/decision.ts'

const perMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A rate as people write it: `5/m`, `100/h`, or with a number of units, `10/30s`. Throws `RangeError` on others. */
export function parseRate(text: string): Rate {
  const match = /^([1-9]\d{0,6})\/([1-9]\d{0,3})?([smhd])$/.exec(text)
  const unit = perMs[match?.[3] ?? '']
  if (!match || unit === undefined) {
    throw new RangeError(
      `'${text.slice(0, 64)}' is not a rate; write a count and a time, such as 5/m, 100/h or 10/30s (to refuse everything, use deny)`,
    )
  }
  return { count: Number(match[1]), perMs: Number(match[2] ?? 1) * unit }
}
