import type { AnyValue, KeyValue } from './logs-message.ts'

/** What an attribute may be in an event: everything else is left out. */
export type Scalar = string | number | boolean
export type Attributes = Map<string, Scalar | readonly Scalar[]>

/** Nested deeper than this nothing is an attribute any more. */
const depthMax = 8
/** Far longer than any name that is looked for: each attribute repeats the names of all that it lies in. */
const nameCharsMax = 256

/** Adds attributes under their dotted names; those that are there already stay. */
export function addAttributes(to: Attributes, pairs: unknown, prefix = '', depth = 0): void {
  if (!Array.isArray(pairs) || depth > depthMax) return
  for (const pair of pairs as readonly (KeyValue | null)[]) {
    if (typeof pair?.key !== 'string') continue
    if (prefix.length + pair.key.length > nameCharsMax) continue
    const name = prefix + pair.key
    const nested = pair.value?.kvlistValue?.values
    if (nested !== undefined) {
      addAttributes(to, nested, `${name}.`, depth + 1)
      continue
    }
    const value = scalars(pair.value)
    if (value !== undefined && !to.has(name)) to.set(name, value)
  }
}

function scalars(value: AnyValue | null | undefined): Scalar | readonly Scalar[] | undefined {
  const values = value?.arrayValue?.values
  if (!Array.isArray(values)) return scalar(value)
  return (values as readonly AnyValue[]).flatMap((one) => scalar(one) ?? [])
}

function scalar(value: AnyValue | null | undefined): Scalar | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { stringValue, boolValue, intValue, doubleValue } = value
  if (typeof stringValue === 'string') return stringValue
  if (typeof boolValue === 'boolean') return boolValue
  if (typeof doubleValue === 'number') return doubleValue
  // Digits beyond what a number holds stay text: an id must not change.
  if (typeof intValue === 'string' && /^-?\d{1,20}$/.test(intValue))
    return Number.isSafeInteger(Number(intValue)) ? Number(intValue) : intValue
  return typeof intValue === 'number' ? intValue : undefined
}

/** The value of a body as text of JSON, for structured bodies that are lines of a log. */
export function plainValue(value: AnyValue | null | undefined, depth = 0): unknown {
  const one = scalar(value)
  if (one !== undefined || typeof value !== 'object' || value === null || depth > depthMax) return one
  const { arrayValue, kvlistValue } = value
  if (Array.isArray(arrayValue?.values)) {
    return (arrayValue.values as readonly AnyValue[]).map((each) => plainValue(each, depth + 1) ?? null)
  }
  if (!Array.isArray(kvlistValue?.values)) return undefined
  const pairs = kvlistValue.values as readonly (KeyValue | null)[]
  return Object.fromEntries(
    pairs.flatMap((pair) =>
      typeof pair?.key === 'string' ? [[pair.key, plainValue(pair.value, depth + 1)]] : [],
    ),
  )
}
