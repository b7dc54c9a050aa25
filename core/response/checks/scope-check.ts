import type { EntityKind } from '../../entity/entity.ts'
import type { Check } from './check.ts'

const shared: readonly EntityKind[] = ['ip', 'network', 'fingerprint']

/** Addresses, networks and fingerprints may be many people: an office, a carrier, a browser version. */
export const scopeCheck: Check = ({ action, target }, { traffic, scope }) => {
  if (!action.enforces || target === undefined || !shared.includes(target.kind)) return undefined
  const name = `${target.kind} ${target.id}`
  const shape = traffic.behind(target)
  if (shape === undefined) {
    return { rule: 'scope', detail: `what else is behind ${name} is not known, and unknown means refuse` }
  }
  if (!(shape.principals <= scope.principalsMax)) {
    const detail = `${shape.principals} proven principals behind ${name} in the last hour; the limit is ${scope.principalsMax}`
    return { rule: 'scope', detail }
  }
  const share = shape.requestsAll > 0 ? shape.requests / shape.requestsAll : 0
  if (share <= scope.shareOfRequestsMax) return undefined
  const numbers = `${shape.requests} of ${shape.requestsAll} requests of the last hour`
  return {
    rule: 'scope',
    detail: `${numbers} come from ${name} (${percent(share)}); the limit is ${percent(scope.shareOfRequestsMax)}`,
  }
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`
}
