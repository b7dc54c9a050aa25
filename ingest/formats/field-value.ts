import {
  type EventField,
  eventFieldNames,
  eventFields,
  type FieldType,
} from '../../core/event/event-fields.ts'
import { anyInstant } from './instant.ts'
import { lengthMax, textsMax } from './limits.ts'
import { cutText } from './own-text.ts'

/** A field's value in canonical form. */
export type Value = string | number | boolean | readonly string[]

interface Spec {
  readonly type: FieldType
  readonly lengthMax: number
  readonly oneOf: ReadonlySet<string> | undefined
}

const specs = new Map<EventField, Spec>(
  eventFieldNames.map((name) => {
    const field: { readonly type: FieldType; readonly oneOf?: readonly string[] } = eventFields[name]
    const oneOf = field.oneOf ? new Set(field.oneOf) : undefined
    return [name, { type: field.type, lengthMax: lengthMax(name), oneOf }]
  }),
)

/**
 * The value of a field in canonical form, or `undefined` when what was sent can't be one: an optional field of the
 * wrong type is left out and its event stays. Numbers for texts keep their digits, numeric text becomes a number,
 * instants below 1e11 are seconds, one text becomes a list of one.
 */
export function fieldValue(field: EventField, value: unknown): Value | undefined {
  const spec = specs.get(field)
  if (spec === undefined || value === null || value === undefined) return undefined
  switch (spec.type) {
    case 'text':
      return textValue(spec, value)
    case 'number':
      return numberValue(value)
    case 'instant':
      return anyInstant(value)
    case 'boolean':
      return booleanValue(value)
    case 'texts':
      return textsValue(spec, value)
  }
}

function textValue(spec: Spec, value: unknown): string | undefined {
  const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value
  if (typeof text !== 'string' || text === '') return undefined
  const cut = cutText(text, spec.lengthMax)
  if (!spec.oneOf) return cut
  const lower = cut.toLowerCase()
  return spec.oneOf.has(lower) ? lower : undefined
}

const numeric = /^-?\d{1,16}(?:\.\d{1,16})?$/

function numberValue(value: unknown): number | undefined {
  const number = typeof value === 'string' && numeric.test(value) ? Number(value) : value
  return typeof number === 'number' && Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : undefined
}

function booleanValue(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  return value === 'true' ? true : value === 'false' ? false : undefined
}

function textsValue(spec: Spec, value: unknown): readonly string[] | undefined {
  const list = Array.isArray(value) ? value.slice(0, textsMax) : [value]
  const texts = list.map((item) => textValue(spec, item)).filter((text) => text !== undefined)
  return texts.length > 0 ? texts : undefined
}
