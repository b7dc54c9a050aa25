import type { Playbook } from '../../core/response/playbook.ts'
import { expression, findingEntity, pageStep, playbook, step } from '../contracts/responder-world.ts'

/** Short enough that decisions end within a short run, milliseconds. */
const ttlMs = { slowDown: 20_000, stop: 12_000 }
export const ttlMsMax = Math.max(...Object.values(ttlMs))
export const dryRunPlaybook = 'rehearse'
export const targetsPerHour = 3

const isAttack = expression('severity', ({ finding }) => finding.severity !== 'info')
const slowDown = step('slow-down', 'throttle', {
  target: findingEntity,
  with: { rate: '5/m' },
  ttlMs: ttlMs.slowDown,
})
const stop = step('stop', 'deny', { target: findingEntity, ttlMs: ttlMs.stop })
const limits = { targetsPerHour, shareOfClients: 0.5 }

/** Every mode, every effect class, provisional and final findings. */
export const simulatedPlaybooks: readonly Playbook[] = [
  playbook({ on: isAttack, accepts: 'provisional', limits, steps: [slowDown, pageStep] }),
  playbook({
    id: 'notify',
    on: isAttack,
    limits,
    steps: ['mail', 'ticket', 'text', 'post'].map((action) => step(action, action)),
  }),
  playbook({ id: 'lock-out', on: isAttack, limits, steps: [stop, step('mail', 'mail')] }),
  playbook({ id: dryRunPlaybook, on: isAttack, limits, mode: 'dry_run', steps: [slowDown, stop] }),
]
