import type { ASTNode, Environment } from '@marcbachmann/cel-js'
import { checkerFault, typeMessage } from './checker-fault.ts'
import { pathOf } from './expression-facts.ts'
import type { ExpressionFault } from './expression-fault.ts'
import { maskedSource } from './masked-source.ts'
import { childrenOf, isMacro } from './walk-expression.ts'

/** What the library's type checker says about one part of an expression. */
interface Checked {
  /** Absent when it is faulty. */
  readonly type?: string
  readonly faults: readonly ExpressionFault[]
}

interface Checking {
  readonly environment: Environment
  readonly source: string
  readonly root: ASTNode
}

/**
 * Every fault of types and names. The library's checker stops at the first one, so where it finds any, each part is
 * checked by itself: what is wrong with a part is told only when nothing inside it is.
 */
export function typeFaults(
  environment: Environment,
  source: string,
  root: ASTNode,
): { readonly type?: string; readonly faults: readonly ExpressionFault[] } {
  return checkPart(root, { environment, source, root })
}

function checkPart(node: ASTNode, checking: Checking): Checked {
  const { valid, type = 'dyn', error } = checkAlone(node, checking)
  if (valid) return { type, faults: [] }
  const inside = partsOf(node, checking).flatMap(({ part, within, isCondition }) => {
    const checked = checkPart(part, within)
    const isOther = isCondition && checked.type !== undefined && !['bool', 'dyn'].includes(checked.type)
    if (!isOther) return checked.faults
    const { start, end } = part.range
    return [{ start, end, message: typeMessage(checked.type, 'true or false') }]
  })
  return { faults: inside.length > 0 ? inside : [checkerFault(error, checking.source)] }
}

function checkAlone(node: ASTNode, { environment, source, root }: Checking) {
  if (node === root) return environment.check(source)
  const part = environment.check(maskedSource(source, node, root))
  // A part that can't be cut out is left to the whole that it stands in.
  return part.error?.name === 'ParseError' ? { valid: true, type: 'dyn' } : part
}

interface Part {
  readonly part: ASTNode
  readonly within: Checking
  /** It must be true or false. */
  readonly isCondition: boolean
}

function partsOf(node: ASTNode, checking: Checking): readonly Part[] {
  if (node.op === 'rcall' && isMacro(node.args[0])) return macroParts(node.args, checking)
  // `has(…)` and `cel.bind(…)` take what is no expression by itself.
  const isSpecial = node.op === 'call' && node.args[0] === 'has'
  if (isSpecial || (node.op === 'rcall' && pathOf(node.args[1])?.join() === 'cel')) return []
  const isLogical = node.op === '&&' || node.op === '||' || node.op === '!_'
  return childrenOf(node).map((part, index) => {
    return { part, within: checking, isCondition: isLogical || (node.op === '?:' && index === 0) }
  })
}

/** The list of a macro, and its bodies, which know a variable: an item of the list, or a key of the map. */
function macroParts(
  [name, list, [variable, ...bodies]]: readonly [string, ASTNode, readonly ASTNode[]],
  checking: Checking,
): readonly Part[] {
  const over = { part: list, within: checking, isCondition: false }
  const { type } = checkPart(list, checking)
  if (type === undefined || variable?.op !== 'id') return [over]
  const item = /^list<(.+)>$/.exec(type)?.[1] ?? /^map<([^,]+),/.exec(type)?.[1] ?? 'dyn'
  try {
    const environment = checking.environment.clone().registerVariable({ name: variable.args, type: item })
    const inner = { ...checking, environment }
    return [over, ...bodies.map((part) => ({ part, within: inner, isCondition: name !== 'map' }))]
  } catch {
    // The name is taken; the library says so of the whole.
    return [over]
  }
}
