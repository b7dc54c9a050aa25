import type { Decision } from '../../core/decision/decision.ts'
import type { Finding } from '../../core/detector/finding.ts'
import type { DeadLetter } from '../../core/event/refusal.ts'
import type { ControlEntry } from '../../core/manifest/control-log.ts'
import type { Exemption } from '../../core/response/exemption.ts'
import type { JournalEntry } from '../../core/response/journal.ts'
import type { Run } from '../../core/response/run.ts'
import { StateError } from './state-error.ts'

type FieldType = 'string' | 'number' | 'object' | 'array'

/** Records of one table as JSON text. Both directions throw `StateError` that names table and row. */
export interface RecordCodec<Value> {
  /** `invalid` for values that JSON cannot hold or that lack a field. */
  encode(value: Value, id: string): string
  /** `damaged` for text that is no JSON, or JSON without the fields of the record. */
  decode(text: string, id: string): Value
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function shapeProblem(value: unknown, fields: Readonly<Record<string, FieldType>>): string | undefined {
  if (typeOf(value) !== 'object') return `expected an object, found ${typeOf(value)}`
  for (const [name, type] of Object.entries(fields)) {
    const field: unknown = (value as Record<string, unknown>)[name]
    if (typeOf(field) !== type) return `${name}: expected ${type}, found ${typeOf(field)}`
    if (type === 'number' && !Number.isFinite(field)) return `${name}: expected a finite number`
  }
  return undefined
}

function recordCodec<Value>(table: string, fields: Readonly<Record<string, FieldType>>): RecordCodec<Value> {
  return {
    encode(value, id) {
      const refuse = (why: string, cause?: unknown) =>
        new StateError('invalid', `${table} ${JSON.stringify(id)} cannot be stored: ${why}`, cause)
      const problem = shapeProblem(value, fields)
      if (problem !== undefined) throw refuse(problem)
      try {
        return JSON.stringify(value)
      } catch (error) {
        throw refuse(error instanceof Error ? error.message : String(error), error)
      }
    },
    decode(text, id) {
      let value: unknown
      let problem: string | undefined
      try {
        value = JSON.parse(text)
        problem = shapeProblem(value, fields)
      } catch {
        problem = 'its text is not JSON'
      }
      if (problem === undefined) return value as Value
      throw damaged(table, id, problem)
    },
  }
}

/** The error for a row that is not what was written. */
export function damaged(table: string, id: string, problem: string): StateError {
  const row = `table ${table}, row ${JSON.stringify(id)}`
  return new StateError('damaged', `the state is damaged at ${row}: ${problem}; restore it from a backup`)
}

const findingFields = {
  id: 'string',
  space: 'string',
  lane: 'string',
  detector: 'string',
  version: 'number',
  entity: 'object',
  period: 'number',
  state: 'string',
  severity: 'string',
  score: 'number',
  first: 'number',
  last: 'number',
  evidence: 'object',
  manifest: 'string',
  root: 'string',
} as const

export const findingCodec = recordCodec<Finding>('findings', findingFields)

export const runCodec = recordCodec<Run>('runs', {
  id: 'string',
  space: 'string',
  lane: 'string',
  playbook: 'string',
  digest: 'string',
  mode: 'string',
  finding: 'object',
  state: 'string',
  steps: 'array',
  started: 'number',
})

export const journalCodec = recordCodec<JournalEntry>('journal', {
  kind: 'string',
  key: 'string',
  term: 'number',
  run: 'string',
  step: 'string',
  action: 'string',
  at: 'number',
})

export const decisionCodec = recordCodec<Decision>('decisions', {
  id: 'string',
  scope: 'string',
  value: 'string',
  type: 'string',
  from: 'number',
  until: 'number',
  reason: 'string',
  by: 'string',
})

export const exemptionCodec = recordCodec<Exemption>('exemptions', {
  entity: 'object',
  until: 'number',
  by: 'string',
  reason: 'string',
})

export const deadLetterCodec = recordCodec<DeadLetter>('dead_letters', {
  position: 'object',
  reason: 'string',
  detail: 'string',
  raw: 'string',
})

export const controlCodec = recordCodec<ControlEntry>('control_log', { kind: 'string', at: 'number' })
