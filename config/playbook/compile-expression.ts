import type { ASTNode, Environment, ParseResult } from '@marcbachmann/cel-js'
import { checkMembers } from './check-members.ts'
import { expressionEnvironment, type ResultType } from './expression.ts'
import { comparedTexts, textOf } from './expression-facts.ts'
import type { ExpressionFault, MemberWorld } from './expression-fault.ts'
import { given, type Knowledge, nothingKnown, walkExpression } from './walk-expression.ts'

export interface CompileContext extends MemberWorld {
  readonly knowledge: Knowledge
  readonly result: ResultType
}

/** What an expression says, as far as it can be read: with faults too, so that what depends on it is still checked. */
export interface Compiled {
  /** Absent when there are faults. */
  readonly parsed?: ParseResult
  /** Absent when the syntax is wrong. */
  readonly ast?: ASTNode
  /** What holds where the expression is true. */
  readonly after: Knowledge
  readonly faults: readonly ExpressionFault[]
}

/**
 * Parses and checks one expression. It is parsed twice: what it says about `finding.detector` decides against which
 * evidence its types are checked.
 */
export function compileExpression(source: string, context: CompileContext): Compiled {
  const untyped = parse(expressionEnvironment(undefined), source)
  if ('faults' in untyped) return { after: nothingKnown, faults: untyped.faults }
  const { ast } = untyped.parsed
  // Beside a misspelt detector nobody can say whose evidence is meant.
  const isDoubtful = namesUnknownDetector(ast, context)
  const knowledge = isDoubtful ? { ...context.knowledge, detectors: new Set<string>() } : context.knowledge
  const after = given(knowledge, ast, true)
  const members = checkMembers(ast, knowledge, context)
  const only = after.detectors.size === 1 ? [...after.detectors][0] : undefined
  const environment = expressionEnvironment(only === undefined ? undefined : context.evidence.get(only))
  const types = typeFaults(environment, source, context.result)
  // A name that is unknown spoils the types after it, so the plainer message stands alone.
  if (members.length > 0) return { ast, after, faults: members }
  if (types.length > 0) return { ast, after, faults: types }
  if (after.detectors.size === 0 && knowledge.detectors.size > 0) {
    const message = 'no detector fits this condition'
    return { ast, after, faults: [{ start: 0, end: source.length, message }] }
  }
  const typed = parse(environment, source)
  if ('faults' in typed) return { ast, after, faults: typed.faults }
  return { parsed: typed.parsed, ast: typed.parsed.ast, after, faults: [] }
}

function namesUnknownDetector(ast: ASTNode, { evidence }: MemberWorld): boolean {
  let found = false
  walkExpression(ast, nothingKnown, {
    path: () => {},
    node(node) {
      const compared = comparedTexts(node)
      if (compared?.path.join('.') !== 'finding.detector') return
      found ||= compared.texts.some((text) => !evidence.has(textOf(text) ?? ''))
    },
  })
  return found
}

function parse(
  environment: Environment,
  source: string,
): { readonly parsed: ParseResult } | { readonly faults: readonly ExpressionFault[] } {
  try {
    return { parsed: environment.parse(source) }
  } catch (error) {
    return { faults: [faultOf(error, source)] }
  }
}

function typeFaults(
  environment: Environment,
  source: string,
  wanted: ResultType,
): readonly ExpressionFault[] {
  const { valid, type, error } = environment.check(source)
  if (!valid) return [faultOf(error, source)]
  if (type === wanted || type === 'dyn') return []
  const expected = wanted === 'bool' ? 'true or false' : 'an entity'
  const hint = wanted === 'Entity' ? { hint: "write finding.entity, or entity('principal', …)" } : {}
  return [{ start: 0, end: source.length, message: `gives ${typeText(type)}, not ${expected}`, ...hint }]
}

function faultOf(error: unknown, source: string): ExpressionFault {
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
  if (/Unknown variable/.test(text)) return 'expressions read `finding` and `steps`; text stands in quotes'
  if (/Exceeded max/.test(text)) return 'split it over several playbooks'
  return undefined
}

function typeText(type: string | undefined): string {
  return type === undefined ? 'nothing' : plainMessage(type)
}
