import type { ConfiguredDetector } from '../../../core/detector/detector.ts'
import type { Finding } from '../../../core/detector/finding.ts'
import { durationMs } from '../../../core/time/duration.ts'
import { notePeriodMs } from '../../../core/watch/watch-notes.ts'

/** Period of a `state-pressure` note, which no detector makes, milliseconds. */
const pressureMs = 600_000

/** Findings that a later window may still strengthen or continue: what a successor must know. */
export class OpenFindings {
  readonly #findings = new Map<string, Finding>()
  readonly #windowMs: ReadonlyMap<string, number>

  constructor(detectors: readonly ConfiguredDetector[]) {
    this.#windowMs = new Map(
      detectors.map(({ detector, config }) => [detector.id, durationMs(detector.window(config).size)]),
    )
  }

  add(findings: readonly Finding[]): void {
    for (const finding of findings) this.#findings.set(finding.id, finding)
  }

  /** Forgets those that nothing continues behind the watermark, epoch milliseconds, and tells their ids. */
  close(watermark: number): string[] {
    const closed: string[] = []
    for (const { id, detector, period } of this.#findings.values()) {
      if (period + 2 * this.#periodMs(detector) > watermark) continue
      this.#findings.delete(id)
      closed.push(id)
    }
    return closed
  }

  #periodMs(detector: string): number {
    return this.#windowMs.get(detector) ?? notePeriodMs(detector) ?? pressureMs
  }
}
