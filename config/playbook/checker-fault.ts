import { didYouMean } from '../yaml/did-you-mean.ts'
import { findingFields } from './check-members.ts'
import type { ExpressionFault } from './expression-fault.ts'

/** An error of the CEL library as a fault of the source, in words for a person. */
export function checkerFault(error: unknown, source: string): ExpressionFault {
  const { summary, range, message } = error as {
    readonly summary?: string
    readonly message?: string
    readonly range?: { readonly start: number; readonly end: number }
  }
  const text = (summary ?? message ?? 'not a CEL expression').split('\n')[0] ?? ''
  const start = Math.min(range?.start ?? 0, source.length)
  const hint = hintOf(text)
  return { start, end: range?.end ?? start + 1, message: plainMessage(text), ...(hint ? { hint } : {}) }
}

/** What an expression gives, beside what is wanted there. */
export function typeMessage(type: string | undefined, wanted: string): string {
  return `gives ${type === undefined ? 'nothing' : plainMessage(type)}, not ${wanted}`
}

/** The checker's words for types that it made up from a schema say nothing to a person. */
function plainMessage(text: string): string {
  if (/Exceeded maxDepth/.test(text)) return 'the expression is nested too deep'
  if (/Exceeded max/.test(text)) return 'the expression is too long'
  const plain = text
    .replace(/\$(finding(?:\.\w+)*)/g, '$1')
    .replace(/^no such overload: /, 'the types do not fit: ')
    .replace(/^found no matching overload for '(.*)'$/, 'no function takes this: $1')
  return plain.slice(0, 1).toLowerCase() + plain.slice(1)
}

function hintOf(text: string): string | undefined {
  if (/\bdouble\b.*\bint\b|\bint\b.*\bdouble\b/.test(text))
    return 'numbers of findings are doubles; write 3.0 instead of 3'
  if (/Unexpected character: =/.test(text)) return 'compare with =='
  if (/Unexpected character: &|Unexpected character: \|/.test(text)) return 'write && and ||'
  if (/Exceeded max/.test(text)) return 'split it over several playbooks'
  const [, variable] = /^Unknown variable: (\w+)/.exec(text) ?? []
  return variable === undefined ? undefined : variableHint(variable)
}

function variableHint(name: string): string {
  if (findingFields.includes(name)) return `write finding.${name}`
  const meant = didYouMean(name, ['finding', 'steps'])
  if (meant !== undefined) return `did you mean '${meant}'?`
  return 'expressions read `finding` and `steps`; text stands in quotes'
}
