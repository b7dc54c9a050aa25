import type { z } from 'zod'
import { didYouMean } from './did-you-mean.ts'
import type { YamlPath } from './located-yaml.ts'

type Issue = z.core.$ZodIssue

/** What is wrong with a value, in a sentence for a person, and what to do about it. */
export function describeIssue(
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

/** `sources[0].topics`, as messages name a place. */
export function pathText(path: YamlPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    const key = String(step)
    const plain = /^[\w-]+$/.test(key) ? key : `'${key.slice(0, 64)}'`
    return text === '' ? plain : `${text}.${plain}`
  }, '')
}
