import { z } from 'zod'
import { describeIssue, pathText } from './describe-issue.ts'
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
  /** Maps whose wrong keys are reported elsewhere, by their path in the data. */
  readonly ownNames?: readonly string[]
}

/** Every issue of a failed parse as problems of the file, one for each unknown key. */
export function locateIssues(error: z.ZodError, context: IssueContext): readonly Problem[] {
  const misspelt = misspeltPaths(error.issues, context)
  return error.issues
    .filter((issue) => !isFollowOn(issue, misspelt, context))
    .flatMap((issue) => locateIssue(issue, context))
}

/** Paths of the settings that unknown keys were probably meant to be. */
function misspeltPaths(issues: readonly Issue[], context: IssueContext): ReadonlySet<string> {
  const paths = issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return []
    const known = keysAt(issue.path, context)
    return issue.keys.flatMap((key) => didYouMean(key, known) ?? []).map((key) => [...issue.path, key])
  })
  return new Set(paths.map(pathText))
}

/** True for a setting that is missing because its name is misspelt, for a rule that asks for such a setting, and for what others report. */
function isFollowOn(
  issue: Issue,
  misspelt: ReadonlySet<string>,
  { data, ownNames = [] }: IssueContext,
): boolean {
  if (issue.code === 'invalid_key' && ownNames.includes(pathText(issue.path.slice(0, -1)))) return true
  const place = pathText(issue.path)
  if (misspelt.has(place)) return valueAt(data, issue.path) === undefined
  return issue.code === 'custom' && [...misspelt].some((path) => path.startsWith(`${place}.`))
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

function unknownKeys(keys: readonly string[], path: YamlPath, context: IssueContext): readonly Problem[] {
  const { yaml, base = [] } = context
  const known = keysAt(path, context)
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

/** The settings that are known at a path of the data. */
function keysAt(path: YamlPath, { schema, data, alsoKnown = [] }: IssueContext): readonly string[] {
  const beside = path.length === 0 ? alsoKnown : []
  return [...beside, ...knownKeys(inputSchema(schema), data, path)].filter((key) => key !== '$schema')
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
