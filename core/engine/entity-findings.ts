import type { Finding } from '../detector/finding.ts'

/** Findings of entities that a later one may still strengthen or continue, by entity number. */
export class EntityFindings {
  readonly #findings = new Map<number, Finding[]>()
  readonly #byPeriod = new Map<number, Set<number>>()

  has(entity: number): boolean {
    return this.#findings.has(entity)
  }

  /** Findings of this period and the one before, oldest first. */
  of(entity: number): Finding[] {
    return this.#findings.get(entity) ?? []
  }

  /** The entity's findings changed; one of them starts at `period`. */
  set(entity: number, period: number, findings: Finding[]): void {
    this.#findings.set(entity, findings)
    const entities = this.#byPeriod.get(period)
    if (entities) entities.add(entity)
    else this.#byPeriod.set(period, new Set([entity]))
  }

  /** Forgets findings of periods that start at or before `last`, and tells whose. */
  expire(last: number, forgotten: (entity: number) => void): void {
    for (const [period, entities] of this.#byPeriod) {
      if (period > last) continue
      this.#byPeriod.delete(period)
      for (const entity of entities) {
        const left = this.of(entity).filter((finding) => finding.period !== period)
        if (left.length > 0) this.#findings.set(entity, left)
        else this.#findings.delete(entity)
        forgotten(entity)
      }
    }
  }
}
