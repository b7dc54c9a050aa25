import type { Decision, DecisionType } from '../decision/decision.ts'
import type { Action, ActionRequest, Outcome } from './action.ts'
import { plainText } from './plain-text.ts'

/** What actions may read of the decisions in force, to verify themselves. */
export interface DecisionList {
  list(): readonly Decision[]
}

/**
 * What all actions have in common whose effect is a decision that gateways obey: the executor commits the decision
 * and puts it in the table, so that to apply is to say what it is, and to undo is to let it be removed.
 */
export function decisionLifecycle<With>(
  decisions: DecisionList,
  targets: Action['targets'],
  decide: (request: ActionRequest<With>) => Pick<Decision, 'rate' | 'issuedUntil'> & { type: DecisionType },
): Pick<Action<With>, 'decides' | 'apply' | 'verify' | 'undo'> {
  return {
    decides: true,
    async apply(request): Promise<Outcome> {
      const { target, until } = request
      if (!target || !targets.includes(target.kind)) {
        const given = target ? `a ${target.kind}` : 'no target'
        return { status: 'refused', reason: `needs one of ${targets.join(', ')} as target, not ${given}` }
      }
      if (until === undefined || until <= request.now) {
        return { status: 'refused', reason: 'an enforcement needs an end that is not over yet' }
      }
      return { status: 'applied', decision: { ...enforcement(request, target, until), ...decide(request) } }
    },
    async verify({ key, now }) {
      return decisions.list().some(({ id, until }) => id === key && until > now) ? 'present' : 'absent'
    },
    async undo() {
      return { status: 'applied' }
    },
  }
}

/**
 * The chain's first finding names the decision, so that it is the same decision after any restart or renewal. The reason
 * tells of a later one that was acted on: in a backlog the first may be too old to be.
 */
function enforcement(
  { key, now, reason, finding, run, step, playbook }: ActionRequest<unknown>,
  target: { readonly kind: Decision['scope']; readonly id: string },
  until: number,
): Omit<Decision, 'type'> {
  return {
    id: key,
    scope: target.kind,
    value: target.id,
    from: now,
    until,
    reason: finding.id === finding.root ? reason : plainText(`${reason}; by finding ${finding.id}`, 512),
    finding: finding.root,
    run,
    step,
    by: `playbook:${playbook}`,
  }
}
