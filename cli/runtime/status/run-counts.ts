import type { Finding, Severity } from '../../../core/detector/finding.ts'
import type { Changes } from '../../../core/ports/state-store.ts'
import { DurationHistogram } from './duration-histogram.ts'

/** Findings whose severity is remembered; one forgotten is counted again when it is committed again. */
const findingsKept = 20_000

/** From a commit without findings on a fast disk to one that a person would notice, seconds. */
const checkpointBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What nobody else counts: made durable by checkpoints and by response since the start. */
export class RunCounts {
  /** By detector and severity, by action and outcome. */
  readonly findings = new PairCounts()
  readonly steps = new PairCounts()
  readonly checkpoints = new DurationHistogram(checkpointBounds)
  readonly #severities = new Map<string, Severity>()

  committed(findings: readonly Finding[]): void {
    for (const { id, detector, severity } of findings) {
      if (this.#severities.get(id) === severity) continue
      this.findings.add(detector, severity)
      this.#severities.delete(id)
      this.#severities.set(id, severity)
      const [oldest] = this.#severities.size > findingsKept ? this.#severities.keys() : []
      if (oldest !== undefined) this.#severities.delete(oldest)
    }
  }

  responded({ journal = [] }: Changes): void {
    for (const { kind, run, action, status } of journal) {
      if (kind === 'result' && run !== 'manual') this.steps.add(action, status ?? 'unknown')
    }
  }
}

/** Counts by two names, of which there are few. */
export class PairCounts {
  readonly #counts = new Map<string, Map<string, number>>()

  add(left: string, right: string): void {
    const counts = this.#counts.get(left) ?? new Map<string, number>()
    this.#counts.set(left, counts)
    counts.set(right, (counts.get(right) ?? 0) + 1)
  }

  *[Symbol.iterator](): Generator<readonly [left: string, right: string, count: number]> {
    for (const [left, counts] of this.#counts) for (const [right, count] of counts) yield [left, right, count]
  }
}
