import { z } from 'zod'
import type { JsonSchema } from '../yaml/known-keys.ts'

/** What an expression may find in a place of a finding's evidence. */
export type EvidenceType =
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, EvidenceField> }
  | { readonly kind: 'list'; readonly item: EvidenceType }
  | { readonly kind: 'map'; readonly value: EvidenceType }
  | { readonly kind: 'text'; readonly oneOf?: readonly string[] }
  | { readonly kind: 'number' }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'any' }

export interface EvidenceField {
  readonly type: EvidenceType
  /** Not in every finding: an expression asks `has(…)` first. */
  readonly optional: boolean
}

/** Types of a CEL environment: names, and objects of fields. */
export type CelSchema = { readonly [field: string]: string | CelSchema }

type OutputSchema = JsonSchema & { readonly enum?: readonly unknown[] }

/** The type of what a detector's `evidence` schema lets through. */
export function evidenceType(schema: z.ZodType): EvidenceType {
  return typeOf(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as OutputSchema)
}

function typeOf(schema: OutputSchema): EvidenceType {
  if (schema.type === 'object' && schema.properties) {
    const required = new Set(schema.required ?? [])
    const fields = Object.entries(schema.properties).map(
      ([field, inner]) => [field, { type: typeOf(inner), optional: !required.has(field) }] as const,
    )
    return { kind: 'object', fields: new Map(fields) }
  }
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object') {
    return { kind: 'map', value: typeOf(schema.additionalProperties) }
  }
  if (schema.type === 'array')
    return { kind: 'list', item: schema.items ? typeOf(schema.items) : { kind: 'any' } }
  if (schema.type === 'string') {
    const oneOf = schema.enum ?? (schema.const === undefined ? undefined : [schema.const])
    return oneOf ? { kind: 'text', oneOf: oneOf.map(String) } : { kind: 'text' }
  }
  if (schema.type === 'number' || schema.type === 'integer') return { kind: 'number' }
  if (schema.type === 'boolean') return { kind: 'boolean' }
  return { kind: 'any' }
}

/** The same for the CEL type checker. All numbers are doubles, because its `int` wants BigInt. */
export function celType(type: EvidenceType): string | CelSchema {
  if (type.kind === 'object' && type.fields.size > 0) {
    return Object.fromEntries([...type.fields].map(([field, { type: inner }]) => [field, celType(inner)]))
  }
  return celTypeName(type)
}

function celTypeName(type: EvidenceType): string {
  switch (type.kind) {
    case 'list':
      return `list<${celTypeName(type.item)}>`
    case 'map':
      return `map<string, ${celTypeName(type.value)}>`
    case 'text':
      return 'string'
    case 'number':
      return 'double'
    case 'boolean':
      return 'bool'
    default:
      return 'dyn'
  }
}
