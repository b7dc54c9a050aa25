import type { ASTNode } from '@marcbachmann/cel-js'
import { comparisonFaults } from './check-comparison.ts'
import { evidenceFault } from './check-evidence-path.ts'
import {
  absentFault,
  type ExpressionFault,
  type Fault,
  type MemberWorld,
  unknownName,
} from './expression-fault.ts'
import { isMacro, type Knowledge, walkExpression } from './walk-expression.ts'

/** What every finding has, and `continues` of some. */
export const findingFields: readonly string[] = [
  'id',
  'space',
  'lane',
  'detector',
  'version',
  'entity',
  'period',
  'state',
  'severity',
  'score',
  'first',
  'last',
  'evidence',
  'manifest',
  'continues',
  'root',
]
/** Macros may stand inside one macro, no deeper: their work multiplies. */
const macroNestingMax = 2

/**
 * Names that the type checker lets pass: `has(finding.typo)`, fields that only some findings have, comparisons that
 * can never be true, `matches`.
 */
export function checkMembers(
  ast: ASTNode,
  knowledge: Knowledge,
  world: MemberWorld,
): readonly ExpressionFault[] {
  const faults: ExpressionFault[] = []
  walkExpression(ast, knowledge, {
    path(node, path, known, asked) {
      const fault = pathFault(path, known, world, asked)
      if (fault) faults.push({ start: node.range.start, end: node.range.end, ...fault })
    },
    node(node, known) {
      faults.push(...callFaults(node, known), ...comparisonFaults(node, known, world))
    },
  })
  return faults
}

function pathFault(
  path: readonly string[],
  known: Knowledge,
  world: MemberWorld,
  asked: boolean,
): Fault | undefined {
  const [root = '', ...rest] = path
  if (known.variables.has(root)) {
    const list = known.variables.get(root)
    return list ? evidenceFault([...list, ...rest], path, known, world, asked) : undefined
  }
  if (root === 'steps') return stepFault(rest, world)
  if (root !== 'finding' || rest[0] === undefined) return undefined
  if (!findingFields.includes(rest[0]))
    return unknownName(`a finding has no '${rest[0]}'`, rest[0], findingFields)
  if (rest[0] === 'entity' && rest[1] !== undefined && !['kind', 'id'].includes(rest[1])) {
    return unknownName(`an entity has no '${rest[1]}'`, rest[1], ['kind', 'id'])
  }
  if (rest[0] === 'continues' && !asked && !known.guarded.has('finding.continues')) {
    return absentFault('finding.continues')
  }
  return evidenceFault(path, path, known, world, asked)
}

function stepFault([step, field]: readonly string[], { steps }: MemberWorld): Fault | undefined {
  if (step === undefined || !steps) return undefined
  if (steps.includes(step)) {
    return field === undefined || field === 'status'
      ? undefined
      : unknownName(`a step has no '${field}'`, field, ['status'])
  }
  if (steps.length === 0) return { message: 'no step stands before this one' }
  return { message: `no earlier step is called '${step}'`, hint: `earlier steps: ${steps.join(', ')}` }
}

function callFaults(node: ASTNode, known: Knowledge): readonly ExpressionFault[] {
  if (node.op !== 'rcall') return []
  const { start, end } = node.range
  if (node.args[0] === 'matches') {
    const message =
      '`matches` is not allowed: on text that an attacker wrote a regular expression can run for hours'
    return [{ start, end, message, hint: 'use ==, contains, startsWith or endsWith' }]
  }
  if (!isMacro(node.args[0]) || known.variables.size < macroNestingMax) return []
  return [{ start, end, message: `more than ${macroNestingMax} macros stand inside one another` }]
}
