import type { Verdict } from '../detector/detector.ts'
import { type Finding, type FindingState, type Lane, severities } from '../detector/finding.ts'
import { findingId } from '../detector/finding-id.ts'
import type { Entity } from '../entity/entity.ts'

/** What all findings of one detector in one engine share. */
export interface FindingFrame {
  readonly space: string
  readonly lane: Lane
  readonly detector: string
  readonly version: number
  readonly manifest: string
  readonly windowMs: number
}

/** A verdict, and the window or pane that it is about. */
export interface Claim {
  readonly verdict: Verdict<Readonly<Record<string, unknown>>>
  /** Start of the last pane of the window: chooses the period. */
  readonly at: number
  readonly first: number
  readonly last: number
  readonly state: FindingState
}

/**
 * Adds a claim to the detector's finding of the entity in that period, one of `findings`, which it changes. Its evidence is
 * that of the strongest window, the latest of equals; its times span all positive windows. Returns the finding when it
 * changed.
 */
export function raise(
  frame: FindingFrame,
  entity: Entity,
  findings: Finding[],
  claim: Claim,
): Finding | undefined {
  const period = Math.floor(claim.at / frame.windowMs) * frame.windowMs
  const slot = findings.findIndex((finding) => finding.period === period && isOf(frame, finding))
  const known = findings[slot]
  // A proof says nothing new about what was judged or proved before.
  if (known && claim.state === 'provisional') return undefined
  const judged = known?.state === 'final' ? known : undefined
  const finding: Finding = judged ? strengthen(judged, claim) : open(frame, entity, findings, claim, period)
  if (known) findings[slot] = finding
  else findings.push(finding)
  return finding
}

function open(
  frame: FindingFrame,
  entity: Entity,
  findings: readonly Finding[],
  claim: Claim,
  period: number,
): Finding {
  const { space, lane, detector, version, manifest, windowMs } = frame
  const id = findingId({ space, detector, version, entity, period })
  const before = findings.find((finding) => finding.period === period - windowMs && isOf(frame, finding))
  return {
    id,
    space,
    lane,
    detector,
    version,
    entity,
    period,
    state: claim.state,
    severity: claim.verdict.severity,
    score: claim.verdict.score,
    first: claim.first,
    last: claim.last,
    evidence: claim.verdict.evidence,
    manifest,
    ...(before ? { continues: before.id } : {}),
    root: before?.root ?? id,
  }
}

function isOf({ detector, version }: FindingFrame, finding: Finding): boolean {
  return finding.detector === detector && finding.version === version
}

function strengthen(known: Finding, { verdict, first, last }: Claim): Finding {
  const stronger = verdict.score >= known.score
  return {
    ...known,
    score: Math.max(known.score, verdict.score),
    severity:
      severities[Math.max(severities.indexOf(known.severity), severities.indexOf(verdict.severity))] ??
      'info',
    evidence: stronger ? verdict.evidence : known.evidence,
    first: Math.min(known.first, first),
    last: Math.max(known.last, last),
  }
}
