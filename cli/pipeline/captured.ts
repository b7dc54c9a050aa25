import { byLastThenId } from '../../core/detector/finding-order.ts'
import type { Output } from '../../core/engine/engine.ts'
import type { StateCut } from '../../core/engine/state-cut.ts'
import type { Changes } from '../../core/ports/state-store.ts'
import type { Cut } from '../parallel/thread-messages.ts'

/** Everything up to a point, to be committed together; nothing that comes later is in it. */
export interface Captured {
  /** Its findings commit with the changes. */
  readonly output: Output
  /** State that commits with them. */
  readonly state: StateCut
  readonly changes: Changes
  /** What the engines elsewhere found and changed up to the same point. */
  readonly others: Promise<readonly Cut[]>
  /** Event time of the point, epoch milliseconds. */
  readonly watermark: number
}

/** What all engines found and changed, as one of them alone would have told it. */
export function joined(
  { output, state, changes }: Captured,
  others: readonly Cut[],
): Pick<Captured, 'output' | 'changes'> {
  const packs = state.packs()
  if (others.length === 0) return { output, changes: { ...changes, packs } }
  const findings = others.flatMap((cut) => cut.output.findings).concat(output.findings)
  const all: Output = {
    ...output,
    findings: findings.sort(byLastThenId),
    panes: others.flatMap((cut) => cut.output.panes).concat(output.panes),
  }
  return {
    output: all,
    changes: { ...changes, packs: others.flatMap((cut) => cut.packs).concat(packs) },
  }
}
