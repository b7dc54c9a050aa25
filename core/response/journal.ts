import type { Entity } from '../entity/entity.ts'
import type { StepStatus } from './run.ts'

/**
 * What was meant, tried and came of it, in order. The intent is durable before the side effect starts, so a
 * successor finds every effect that may have happened; entries are never changed.
 */
export interface JournalEntry {
  readonly kind: 'intent' | 'attempt' | 'result' | 'undo' | 'expired'
  /** Idempotency key: hash of run, step and target. */
  readonly key: string
  /** Fence: grows with every start of a responder; an older term's entry is refused. */
  readonly term: number
  readonly run: string
  readonly step: string
  readonly action: string
  readonly target?: Entity
  readonly until?: number
  readonly status?: StepStatus
  readonly detail?: string
  readonly at: number
}
