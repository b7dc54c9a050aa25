import { isObject, type JsonObject } from '../json-object.ts'
import type { LinePart } from './line-part.ts'

type Path = readonly (string | number)[]

/** A part for each value that holds no further names: texts, numbers, and lists. Of lists of named things one for each. */
export function jsonParts(object: JsonObject): LinePart[] {
  const paths = new Map<LinePart, Path>()
  const parts = leavesOf(object, [], '').map(({ path, key, value }): LinePart => {
    const part: LinePart = {
      key,
      value,
      without: () => JSON.stringify(edited(object, path, undefined)),
      replaced: (other) => JSON.stringify(edited(object, path, other)),
      alone: (others) =>
        JSON.stringify(picked(object, [...others.flatMap((one) => [paths.get(one) ?? []]), path])),
    }
    paths.set(part, path)
    return part
  })
  return parts
}

interface Leaf {
  readonly path: Path
  readonly key: string
  readonly value: unknown
}

function leavesOf(value: unknown, path: Path, key: string): Leaf[] {
  const entries = isObject(value) ? Object.keys(value).map((name) => [name, value[name]] as const) : []
  if (entries.length > 0) {
    return entries.flatMap(([name, inner]) =>
      leavesOf(inner, [...path, name], key === '' ? name : `${key}.${name}`),
    )
  }
  if (Array.isArray(value) && value.length > 0 && value.every(isNamed)) {
    return value.map((one: { readonly name: string; readonly value?: unknown }, index) => ({
      path: [...path, index],
      key: `${key}[${one.name}]`,
      value: one.value ?? one.name,
    }))
  }
  return path.length === 0 ? [] : [{ path, key, value }]
}

function isNamed(value: unknown): boolean {
  return isObject(value) && typeof value.name === 'string'
}

/** A copy with another value at the path, or with none. */
function edited(value: unknown, [step, ...rest]: Path, other: unknown): unknown {
  if (step === undefined) return other
  if (Array.isArray(value)) {
    return value.flatMap((one: unknown, index) => {
      if (index !== step) return [one]
      return other === undefined && rest.length === 0 ? [] : [edited(one, rest, other)]
    })
  }
  // Built from entries: a key such as __proto__ stays a key.
  const entries = Object.entries(isObject(value) ? value : {})
  return Object.fromEntries(
    entries.flatMap(([name, inner]) => {
      if (name !== step) return [[name, inner]]
      return other === undefined && rest.length === 0 ? [] : [[name, edited(inner, rest, other)]]
    }),
  )
}

/** A copy that holds nothing but what stands at the paths. */
function picked(value: unknown, paths: readonly Path[]): unknown {
  if (paths.some((path) => path.length === 0)) return value
  const steps = new Set(paths.map(([step]) => step))
  const inside = (step: string | number) =>
    paths.filter(([first]) => first === step).map((path) => path.slice(1))
  if (Array.isArray(value)) {
    return value.flatMap((one: unknown, index) => (steps.has(index) ? [picked(one, inside(index))] : []))
  }
  const entries = Object.entries(isObject(value) ? value : {})
  return Object.fromEntries(
    entries.flatMap(([name, inner]) => (steps.has(name) ? [[name, picked(inner, inside(name))]] : [])),
  )
}
