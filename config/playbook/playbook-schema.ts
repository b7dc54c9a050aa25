import { z } from 'zod'
import { playbookModes } from '../../core/response/playbook.ts'
import { durationBetween, name, share } from '../schema/values.ts'

/** Longest enforcement: `ttlMaxMs` of the executor, where longer ones are cut. */
export const ttlMax = '24h'

/** Longest expression, code units. */
export const expressionLengthMax = 1000

const expression = z.string().min(1).max(expressionLengthMax)

/** One step, before its expressions are compiled. */
export const stepSchema = z
  .strictObject({
    id: name.describe('Name of the step in journal and messages, unique in the playbook.'),
    action: z
      .string()
      .min(1)
      .max(64)
      .describe('Id of an action, such as throttle, deny, revoke-token or page.'),
    target: expression
      .optional()
      .describe(
        "CEL expression for whom to aim at: `finding.entity`, or `entity('principal', finding.evidence.subject)`. Default: none; actions that enforce need one.",
      ),
    when: expression
      .optional()
      .describe('CEL condition; the step is skipped when it is false. Default: always.'),
    with: z
      .record(z.string().max(64), z.unknown())
      .default({})
      .describe('Settings of the action, checked against what it takes. Default: none.'),
    ttl: durationBetween('1s', ttlMax, 'an attack that goes on renews it')
      .optional()
      .describe(
        `How long the enforcement lasts, such as 15m, at most ${ttlMax}; a finding that continues renews it. Default: none; actions that enforce need one, because every enforcement has an end.`,
      ),
    approval: z
      .enum(['none', 'required'])
      .optional()
      .describe(
        'Whether a person must agree to every use. Default: required when the action has no undo, else none.',
      ),
  })
  .describe('One thing to do.')

/** A playbook file, before its expressions are compiled. */
export const playbookSchema = z
  .strictObject({
    version: z.literal(1).describe('Version of this format.'),
    id: name.describe(
      'Name of the playbook, unique in the installation; runs and kill switches refer to it.',
    ),
    description: z
      .string()
      .max(2000)
      .optional()
      .describe('What it does and when, in sentences for the person on duty.'),
    on: expression.describe(
      "CEL condition over `finding`: `finding.detector == 'jti-reuse' && finding.score >= 0.8`.",
    ),
    accepts: z
      .enum(['provisional', 'final'])
      .default('final')
      .describe(
        'Least certain finding that starts a run. Default final; provisional acts a window earlier, on what one pane alone proves.',
      ),
    mode: z
      .enum(playbookModes)
      .default('dry_run')
      .describe(
        '`dry_run` plans and journals, `canary` acts for a stable share of entities, `enforce` for all. Default dry_run.',
      ),
    canary: share.default(0.1).describe('Share of entities acted on in canary, chosen by hash. Default 10%.'),
    limits: z
      .strictObject({
        targets_per_hour: z
          .int()
          .min(1)
          .max(100_000)
          .optional()
          .describe('Targets enforced on in one hour. Default: that of `response.limits`.'),
        share_of_clients: share
          .optional()
          .describe(
            "Share of the last hour's clients that may be under enforcement. Default: that of `response.limits`.",
          ),
      })
      .default({})
      .describe('How much this playbook could harm at most.'),
    steps: z
      .array(stepSchema)
      .min(1)
      .max(32)
      .describe('What to do, in order. A step that is refused does not stop the others.'),
    $schema: z.string().optional().describe('Address of the JSON Schema, for editors. Ignored.'),
  })
  .describe('A playbook: what to do about which findings.')

export type PlaybookFile = z.output<typeof playbookSchema>
export type PlaybookStep = PlaybookFile['steps'][number]
