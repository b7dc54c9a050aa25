import type { Entity } from '../entity/entity.ts'

export const severities = ['info', 'low', 'medium', 'high', 'critical'] as const
/** `info` is a note and never an attack. */
export type Severity = (typeof severities)[number]

/** Results of one lane never mix with another's. */
export type Lane = 'live' | 'replay' | 'shadow' | 'exercise'

/** `provisional`: proved at arrival; `final`: judged on sealed panes. */
export type FindingState = 'provisional' | 'final'

/** A detector's claim about one entity in one period. */
export interface Finding {
  /** Hash of (space, detector, version, entity, period); see `findingId`. */
  readonly id: string
  readonly space: string
  readonly lane: Lane
  readonly detector: string
  readonly version: number
  readonly entity: Entity
  /** Start of the period, epoch milliseconds; its length is the detector's window. */
  readonly period: number
  readonly state: FindingState
  readonly severity: Severity
  /** 0 to 1. */
  readonly score: number
  /** Time of the first and last event of the windows that were judged positive. */
  readonly first: number
  readonly last: number
  readonly evidence: Readonly<Record<string, unknown>>
  /** Digest of the manifest that judged it. */
  readonly manifest: string
  /** The same attack's finding in the period before. */
  readonly continues?: string
  /** First finding of the chain of `continues`; runs are started for it and joined by the others. */
  readonly root: string
}
