import { z } from 'zod'
import { didYouMean, nameHint } from './did-you-mean.ts'
import { type JsonSchema, knownKeys } from './known-keys.ts'
import type { LocatedYaml, YamlPath } from './located-yaml.ts'
import type { Problem } from './problem.ts'

type Issue = z.core.$ZodIssue

/** Where the parsed data stands in the file, when it is only a part of it. */
export interface IssueContext {
  readonly yaml: LocatedYaml
  readonly schema: z.ZodType
  readonly data: unknown
  /** Path of `data` in the file; empty for the whole of it. */
  readonly base?: YamlPath
  /** Keys that may stand beside those of the schema, at its top. */
  readonly alsoKnown?: readonly string[]
}

/** Every issue of a failed parse as problems of the file, one for each unknown key. */
export function locateIssues(error: z.ZodError, context: IssueContext): readonly Problem[] {
  return error.issues.flatMap((issue) => locateIssue(issue, context))
}

/** Positions an issue: at the value, at the unknown key, or for what is missing at its nearest ancestor. */
export function locateIssue(issue: Issue, context: IssueContext): readonly Problem[] {
  const { yaml, base = [] } = context
  const path = [...base, ...issue.path]
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, issue.path, context)
  if (issue.code === 'invalid_key')
    return unknownKeys([String(issue.path.at(-1))], issue.path.slice(0, -1), context)
  const value = valueAt(context.data, issue.path)
  const { message, hint } = describeIssue(issue, value, path)
  return [yaml.problem(yaml.rangeOf(path), message, hint)]
}

/** `sources[0].topics`, as messages name a place. */
export function pathText(path: YamlPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    const key = String(step)
    const plain = /^[\w-]+$/.test(key) ? key : `'${key.slice(0, 64)}'`
    return text === '' ? plain : `${text}.${plain}`
  }, '')
}

function unknownKeys(keys: readonly string[], path: YamlPath, context: IssueContext): readonly Problem[] {
  const { yaml, base = [], data, schema } = context
  const beside = path.length === 0 ? (context.alsoKnown ?? []) : []
  const known = [...beside, ...knownKeys(inputSchema(schema), data, path)].filter((key) => key !== '$schema')
  const full = [...base, ...path]
  return keys.map((key) => {
    const where = full.length === 0 ? '' : ` in ${pathText(full)}`
    const range = yaml.keyRange(full, key)
    const hint = nameHint(key, known)
    const named = yaml.problem(range, `unknown setting '${key.slice(0, 64)}'${where}`, hint)
    // Behind a stray comma a secret is a key; it may be named only if it is much like a setting.
    const isHidden = named.source?.includes(key) === false && didYouMean(key, known) === undefined
    return isHidden ? yaml.problem(range, `unknown setting${where}`, hint) : named
  })
}

function describeIssue(
  issue: Issue,
  value: unknown,
  path: YamlPath,
): { readonly message: string; readonly hint?: string } {
  const name = pathText(path) || 'the file'
  const choices = optionsOf(issue)
  if (value === undefined) {
    return {
      message: `${name} is missing`,
      ...(choices ? { hint: `it must be ${choiceText(choices)}` } : {}),
    }
  }
  if (choices) {
    const meant = typeof value === 'string' ? didYouMean(value, choices) : undefined
    return {
      message: `${name} must be ${choiceText(choices)}`,
      ...(meant === undefined ? {} : { hint: `did you mean '${meant}'?` }),
    }
  }
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    const hint = issue.expected === 'string' && typeof value !== 'object' ? { hint: 'put it in quotes' } : {}
    return { message: `${name} must be ${typeName(issue.expected)}, not ${typeNameOf(value)}`, ...hint }
  }
  if (issue.code === 'invalid_union') {
    const expected = issue.errors
      .flat()
      .flatMap((one) => (one.code === 'invalid_type' ? [typeName(one.expected)] : []))
    return { message: `${name} must be ${[...new Set(expected)].join(' or ') || 'of another form'}` }
  }
  const text = boundText(issue) ?? issue.message
  return { message: /^(is|must|has|needs|takes)\b/.test(text) ? `${name} ${text}` : `${name}: ${text}` }
}

function choiceText(choices: readonly string[]): string {
  return choices.length === 1 ? `${choices[0]}` : `one of ${choices.join(', ')}`
}

/** The values that were allowed, where they are few and fixed. */
function optionsOf(issue: Issue): readonly string[] | undefined {
  if (issue.code === 'invalid_value') return issue.values.map(String)
  if (issue.code !== 'invalid_union') return undefined
  const options = (issue as { readonly options?: unknown }).options
  return Array.isArray(options) ? options.map(String) : undefined
}

/** A sentence for a bound of zod's own; a message that a schema gives itself is taken as it is. */
function boundText(issue: Issue): string | undefined {
  if (!/^Too (small|big)/.test(issue.message)) return undefined
  if (issue.code === 'too_small') {
    if (issue.origin === 'array') return `needs at least ${issue.minimum}`
    if (issue.origin === 'string')
      return issue.minimum === 1 ? 'must not be empty' : `needs ${issue.minimum} characters`
    return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`
  }
  if (issue.code === 'too_big') {
    if (issue.origin === 'array') return `takes at most ${issue.maximum}`
    if (issue.origin === 'string') return `takes at most ${issue.maximum} characters`
    return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`
  }
  return undefined
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  object: 'a map of settings',
  record: 'a map of settings',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  null: 'empty',
}

function typeName(expected: string): string {
  return typeNames[expected] ?? expected
}

function typeNameOf(value: unknown): string {
  if (value === null) return 'empty'
  return typeName(Array.isArray(value) ? 'array' : typeof value)
}

function valueAt(data: unknown, path: YamlPath): unknown {
  let value = data
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Readonly<Record<PropertyKey, unknown>>)[step]
  }
  return value
}

function inputSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
}
