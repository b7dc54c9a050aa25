import { join } from 'node:path'
import { z } from 'zod'
import type { DetectorDescription } from '../configure-detectors.ts'
import type { ConfigContext } from '../load-config.ts'
import type { ActionDescription } from '../playbook/check-step.ts'

const root = join(import.meta.dirname, '..', '..')
const count = z.int().min(0)

/** Detectors with the ids of the real ones and evidence of every type, because `config` may not import those. */
export const detectors: readonly DetectorDescription[] = [
  {
    id: 'credential-stuffing',
    blames: ['ip', 'network', 'fingerprint', 'route'],
    config: z.strictObject({
      accounts_min: z.int().min(2).default(12).describe('Accounts.'),
      window: z.string().default('10m').describe('Window.'),
      allow: z.strictObject({ ips: z.array(z.string()).default([]) }).prefault({}),
    }),
    evidence: z.strictObject({
      accounts_tried: count,
      accounts_succeeded: z.array(z.string()),
      form: z.enum(['single', 'distributed']),
      threshold: z.strictObject({ value: z.number(), source: z.string() }),
      places: z.array(z.strictObject({ ip: z.string(), failures: count })),
      by_reason: z.record(z.string(), count),
      network: z.string().optional(),
    }),
  },
  { id: 'sequential-enumeration', config: z.strictObject({}), evidence: z.strictObject({ ids: count }) },
  {
    id: 'jti-reuse',
    blames: ['token', 'session'],
    config: z.strictObject({}),
    evidence: z.strictObject({ subject: z.string().optional(), places: z.array(z.string()) }),
  },
  {
    id: 'webhook-skew',
    config: z.strictObject({}),
    evidence: z.strictObject({ drift_ms: z.number().nullable() }),
  },
]

const enforcing = { enforces: true, reversible: true, acceptsProvisional: true } as const

export const actions: readonly ActionDescription[] = [
  {
    id: 'throttle',
    targets: ['ip', 'network', 'fingerprint', 'principal', 'key', 'token', 'session', 'client'],
    with: z.strictObject({ rate: z.string().regex(/^\d+\/[smhd]$/, 'is not a rate; write 5/m') }),
    ...enforcing,
  },
  {
    id: 'deny',
    targets: ['ip', 'network', 'principal', 'key', 'client'],
    with: z.strictObject({}),
    ...enforcing,
  },
  {
    id: 'revoke-token',
    targets: ['token', 'principal'],
    with: z.strictObject({}),
    ...enforcing,
    acceptsProvisional: false,
  },
  {
    id: 'page',
    targets: [],
    with: z.strictObject({ severity: z.enum(['critical', 'error', 'warning', 'info']).optional() }),
    enforces: false,
    reversible: true,
    acceptsProvisional: true,
  },
  { id: 'erase-key', targets: ['key'], with: z.strictObject({}), ...enforcing, reversible: false },
]

export const context: ConfigContext<DetectorDescription> = {
  detectors,
  actions,
  shippedPlaybooks: join(root, 'playbooks'),
  folder: root,
}

/** Root of the repository. */
export const repository = root
