import type { Check } from './check.ts'

/** After a person took an enforcement back, the machine doesn't fight them. */
export const exemptionCheck: Check = ({ action, target, finding, now }, world) => {
  if (!action.enforces || target === undefined) return undefined
  const exemption = world.exemptions().find((candidate) => {
    const sameEntity = candidate.entity.kind === target.kind && candidate.entity.id === target.id
    return (
      sameEntity && candidate.until > now && (candidate.detector ?? finding.detector) === finding.detector
    )
  })
  if (!exemption) return undefined
  const until = new Date(exemption.until).toISOString()
  return {
    rule: 'exempt',
    detail: `${target.kind} ${target.id} is exempt until ${until} by ${exemption.by}: ${exemption.reason}`,
  }
}
