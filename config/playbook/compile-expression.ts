import type { ASTNode, Environment, ParseResult } from '@marcbachmann/cel-js'
import { didYouMean } from '../yaml/did-you-mean.ts'
import { checkMembers } from './check-members.ts'
import { checkerFault, typeMessage } from './checker-fault.ts'
import { expressionEnvironment, type ResultType } from './expression.ts'
import { comparedTexts, textOf } from './expression-facts.ts'
import type { ExpressionFault, MemberWorld } from './expression-fault.ts'
import { typeFaults } from './type-faults.ts'
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
  const types = typeFaults(environment, source, ast)
  const faults = [...members, ...independentOf(members, types.faults)]
  if (after.detectors.size === 0 && knowledge.detectors.size > 0) {
    faults.push({ start: 0, end: source.length, message: 'no detector fits this condition' })
  }
  if (faults.length === 0) faults.push(...resultFaults(types.type, source, context.result))
  if (faults.length > 0) return { ast, after, faults }
  const typed = parse(environment, source)
  if ('faults' in typed) return { ast, after, faults: typed.faults }
  return { parsed: typed.parsed, ast: typed.parsed.ast, after, faults: [] }
}

/** A name that is unknown spoils the types of what it stands in, and the plainer message is enough for one place. */
function independentOf(
  members: readonly ExpressionFault[],
  types: readonly ExpressionFault[],
): readonly ExpressionFault[] {
  return types.filter((type) => !members.some(({ start, end }) => start < type.end && type.start < end))
}

function resultFaults(
  type: string | undefined,
  source: string,
  wanted: ResultType,
): readonly ExpressionFault[] {
  if (type === wanted || type === 'dyn') return []
  const message = typeMessage(type, wanted === 'bool' ? 'true or false' : 'an entity')
  const hint = wanted === 'Entity' ? { hint: "write finding.entity, or entity('principal', …)" } : {}
  return [{ start: 0, end: source.length, message, ...hint }]
}

function namesUnknownDetector(ast: ASTNode, { evidence }: MemberWorld): boolean {
  let found = false
  walkExpression(ast, nothingKnown, {
    path: () => {},
    node(node) {
      const compared = comparedTexts(node)
      if (!compared) return
      const { path, texts } = compared
      if (path.join('.') === 'finding.detector')
        found ||= texts.some((text) => !evidence.has(textOf(text) ?? ''))
      else found ||= path.length <= 2 && didYouMean(path.at(-1) ?? '', ['detector']) !== undefined
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
    return { faults: [checkerFault(error, source)] }
  }
}
