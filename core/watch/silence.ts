import type { Condition } from './condition.ts'
import type { SourceFacts } from './facts.ts'

/** A source is silent after so many of its usual gaps, but never before `leastMs`. */
const gapsMax = 10
const leastMs = 10 * 60_000
/** Gaps that are remembered of a source: the newest say what is usual now. */
const gapsKept = 200
/** Fewer say nothing. */
const gapsMin = 20

/** The longest of what is usual: one gap in twenty may be longer, such as a night. */
const usualShare = 0.95

/** Looks for sources that gave records and have stopped. Looked at often, it measures gaps by how often it looks. */
export class SilenceWatch {
  readonly #sources = new Map<string, { records: number; at: number; gaps: number[] }>()

  /** Call it with every reading, in order of time. */
  look(at: number, sources: readonly SourceFacts[]): Condition[] {
    return sources.flatMap((source) => this.#lookAt(at, source) ?? [])
  }

  #lookAt(at: number, { name, records, isOver }: SourceFacts): Condition | undefined {
    const known = this.#sources.get(name)
    if (!known || records > known.records) {
      const gaps = known && known.records > 0 ? [...known.gaps, at - known.at].slice(-gapsKept) : []
      this.#sources.set(name, { records, at, gaps })
      return undefined
    }
    if (isOver || known.gaps.length < gapsMin) return undefined
    const sorted = [...known.gaps].sort((left, right) => left - right)
    const usual = sorted[Math.floor(sorted.length * usualShare)] ?? 0
    const silentMs = at - known.at
    const boundMs = Math.max(leastMs, usual * gapsMax)
    if (silentMs <= boundMs) return undefined
    return {
      rule: 'silent-source',
      what: `source/${name}`,
      since: known.at,
      evidence: {
        source: name,
        silent_seconds: Math.round(silentMs / 1000),
        usual_gap_seconds: Math.round(usual / 1000),
        what_to_do:
          'see whether its sender still sends, and whether the log, topic or address is still the right one; what does not come is not judged',
      },
    }
  }
}
