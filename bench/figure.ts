/** What a figure has to reach; shown beside it, never asserted. */
export interface Target {
  /** What is compared: the ratio to the reference, or the value itself. */
  readonly of: 'ratio' | 'value'
  readonly atLeast?: number
  readonly below?: number
}

/** A number that is measured, before it is. */
export interface FigureSpec {
  readonly id: string
  readonly what: string
  readonly unit: string
  /** What the reference is, timed in the same run. */
  readonly reference?: string
  readonly target?: Target
}

/** What came of measuring it. */
export type Outcome =
  | { readonly value: number; readonly reference?: number; readonly note?: string }
  | { readonly unavailable: string }

export interface Figure extends FigureSpec {
  readonly outcome: Outcome
}

/** How much is measured, and where files are kept. */
export interface BenchOptions {
  /** Events of each workload. */
  readonly events: number
  /** Times that reference and subject are measured, in turns; the medians count. */
  readonly rounds: number
  readonly seed: number
  /** Shorter where time and not events is the measure. */
  readonly quick: boolean
  /** Whether the compiled code is measured, as it must be, or the sources, which only shows that all still works. */
  readonly built: boolean
  /** Where workloads are kept. */
  readonly folder: string
  readonly report: (text: string) => void
}

/** A way to measure figures that belong together. */
export interface Measure {
  readonly id: string
  readonly figures: readonly FigureSpec[]
  /** By figure id. A figure that is left out could not be measured, and so is one that throws. */
  run(options: BenchOptions): Promise<ReadonlyMap<string, Outcome>>
}

export function ratioOf(outcome: Outcome): number | undefined {
  if ('unavailable' in outcome || outcome.reference === undefined) return undefined
  return outcome.value / outcome.reference
}

/** Whether the target is met; `undefined` without target, or when nothing was measured. */
export function isMet({ target, outcome }: Pick<Figure, 'target' | 'outcome'>): boolean | undefined {
  if (!target || 'unavailable' in outcome) return undefined
  const number = target.of === 'value' ? outcome.value : ratioOf(outcome)
  if (number === undefined) return undefined
  return (
    number >= (target.atLeast ?? Number.NEGATIVE_INFINITY) &&
    number < (target.below ?? Number.POSITIVE_INFINITY)
  )
}

/** Runs a measure; what goes wrong in it is told for all its figures, so that the others are still measured. */
export async function figuresOf(measure: Measure, options: BenchOptions): Promise<readonly Figure[]> {
  const outcomes = await measure.run(options).catch((error: unknown) => {
    const reason = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').slice(0, 300)
    return new Map<string, Outcome>(measure.figures.map(({ id }) => [id, { unavailable: reason }]))
  })
  return measure.figures.map((spec) => ({
    ...spec,
    outcome: outcomes.get(spec.id) ?? { unavailable: 'not measured' },
  }))
}
