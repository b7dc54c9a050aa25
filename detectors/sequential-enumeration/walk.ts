import { chanceScore } from './chance.ts'
import type { Visit } from './visit.ts'

/** A stretch of ids that was walked, whatever the order of the steps. */
export interface Walk {
  readonly visits: readonly Visit[]
  /** Distinct numbers, estimated when the visits are a sample. */
  readonly ids: number
  readonly stride: number
  /** Places of the stretch at that stride. */
  readonly places: number
  /** Share of the places that were touched, 0 to 1. */
  readonly density: number
  /** Most neighbours in a row at exactly the stride. */
  readonly runLength: number
}

export interface WalkOptions {
  readonly densityMin: number
  /** Shorter walks don't matter. */
  readonly idsMin: number
  /** Share of the ids that the visits are a sample of; 1: all of them. */
  readonly sampled: number
  /** Strides to try; the most common gaps when absent. */
  readonly strides?: readonly number[]
}

/** Strides tried: the most common gaps. Other requests of the caller in the same range break some gaps, not all. */
const stridesMax = 3
/** In a sample, fewer neighbours than this prove nothing. */
const sampledVisitsMin = 15

/**
 * The longest stretch of visits, sorted by value, that is denser than `densityMin` at some stride and than chance
 * explains. A function of the set of visits.
 */
export function longestWalk(visits: readonly Visit[], options: WalkOptions): Walk | undefined {
  let best: Walk | undefined
  for (const stride of options.strides ?? stridesOf(visits, options.sampled)) {
    for (const group of byResidue(visits, stride)) {
      const walk = densestStretch(group, stride, options)
      // Strides come in a fixed order, groups in that of their lowest value.
      if (walk && (!best || walk.ids > best.ids)) best = walk
    }
  }
  return best
}

/** Visits whose values lie a multiple of the stride apart. */
function byResidue(visits: readonly Visit[], stride: number): Iterable<readonly Visit[]> {
  if (stride === 1) return [visits]
  const groups = new Map<number, Visit[]>()
  for (const visit of visits) {
    const residue = visit.value % stride
    const group = groups.get(residue)
    if (group) group.push(visit)
    else groups.set(residue, [visit])
  }
  return groups.values()
}

/**
 * The stretch with the highest score, where an id counts one and an untouched place costs as much as makes a stretch
 * of just `densityMin` worth nothing (maximum-scoring segment; Karlin and Altschul, 1990).
 */
function densestStretch(visits: readonly Visit[], stride: number, options: WalkOptions): Walk | undefined {
  const { idsMin, sampled } = options
  const countMin = Math.max(2, idsMin * sampled, sampled < 1 ? sampledVisitsMin : 0)
  if (visits.length < countMin) return undefined
  const densityMin = Math.min(0.99, options.densityMin * sampled)
  const cost = densityMin / (1 - densityMin)
  let [score, start, distinct] = [0, 0, 0]
  let best = { score: 0, start: 0, end: 0 }
  let previous: number | undefined
  visits.forEach(({ value }, index) => {
    if (value !== previous) {
      distinct++
      if (previous !== undefined) score -= ((value - previous) / stride - 1) * cost
      if (score < 0 || previous === undefined) [score, start] = [0, index]
      score++
      previous = value
    }
    if (score >= best.score) best = { score, start, end: index + 1 }
  })
  const stretch = visits.slice(best.start, best.end)
  const span = placesOf(visits, stride)
  if (best.score < chanceScore(distinct / span, densityMin, span)) return undefined
  return walkOf(stretch, stride, sampled, countMin)
}

function walkOf(
  visits: readonly Visit[],
  stride: number,
  sampled: number,
  countMin: number,
): Walk | undefined {
  let [distinct, run, runLength] = [0, 0, 0]
  let previous: number | undefined
  for (const { value } of visits) {
    if (value === previous) continue
    distinct++
    run = previous !== undefined && value - previous === stride ? run + 1 : 1
    runLength = Math.max(runLength, run)
    previous = value
  }
  if (distinct < countMin) return undefined
  const places = placesOf(visits, stride)
  const ids = Math.round(distinct / sampled)
  return { visits, ids, stride, places, density: Math.min(1, ids / places), runLength }
}

function placesOf(visits: readonly Visit[], stride: number): number {
  return ((visits[visits.length - 1]?.value ?? 0) - (visits[0]?.value ?? 0)) / stride + 1
}

/** The most common gaps, the smaller of equally common ones; of a sample also their common divisor, and one. */
export function stridesOf(visits: readonly Visit[], sampled: number): readonly number[] {
  const counts = new Map<number, number>()
  let divisor = 0
  for (let index = 1; index < visits.length; index++) {
    const gap = (visits[index] as Visit).value - (visits[index - 1] as Visit).value
    if (gap === 0) continue
    counts.set(gap, (counts.get(gap) ?? 0) + 1)
    if (sampled < 1) divisor = commonDivisor(divisor, gap)
  }
  const common = [...counts]
    .sort(([gap, count], [otherGap, otherCount]) => otherCount - count || gap - otherGap)
    .slice(0, stridesMax)
    .map(([gap]) => gap)
  return sampled < 1 && divisor > 0 ? [...new Set([1, divisor, ...common])] : common
}

function commonDivisor(left: number, right: number): number {
  let [result, rest] = [left, right]
  while (rest !== 0) [result, rest] = [rest, result % rest]
  return result
}
