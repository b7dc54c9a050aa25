/** The parts of a JSON Schema that say which keys an object may have. */
export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly propertyNames?: { readonly enum?: readonly string[] }
  readonly items?: JsonSchema
  readonly oneOf?: readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
  readonly const?: unknown
  readonly type?: string | readonly string[]
  readonly required?: readonly string[]
}

/** The keys that the schema knows at a path of the data; of a union those of the variant that the data names. */
export function knownKeys(
  schema: JsonSchema,
  data: unknown,
  path: readonly PropertyKey[],
): readonly string[] {
  let variants = variantsOf(schema, data)
  let value = data
  for (const step of path) {
    value =
      isRecord(value) || Array.isArray(value) ? (value as Record<PropertyKey, unknown>)[step] : undefined
    variants = variants.flatMap((variant) => {
      const next = typeof step === 'number' ? variant.items : inside(variant, String(step))
      return next === undefined ? [] : variantsOf(next, value)
    })
  }
  const keys = variants.flatMap((variant) => [
    ...Object.keys(variant.properties ?? {}),
    ...(variant.propertyNames?.enum ?? []),
  ])
  return [...new Set(keys)]
}

function inside(schema: JsonSchema, key: string): JsonSchema | undefined {
  const property = schema.properties?.[key]
  if (property) return property
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined
}

function variantsOf(schema: JsonSchema, data: unknown): readonly JsonSchema[] {
  const variants = schema.oneOf ?? schema.anyOf
  if (!variants) return [schema]
  const named = variants.filter((variant) => isNamedBy(variant, data))
  return (named.length > 0 ? named : variants).flatMap((variant) => variantsOf(variant, data))
}

/** Does the data carry the discriminator of this variant? */
function isNamedBy(variant: JsonSchema, data: unknown): boolean {
  if (!isRecord(data)) return false
  const constants = Object.entries(variant.properties ?? {}).filter(
    ([, property]) => property.const !== undefined,
  )
  return constants.length > 0 && constants.every(([key, property]) => data[key] === property.const)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
