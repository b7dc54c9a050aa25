import type { ASTNode } from '@marcbachmann/cel-js'
import { guardedPaths, hasArgument, narrow, pathOf } from './expression-facts.ts'

/** What is known at a place of an expression, from the conditions around it. */
export interface Knowledge {
  /** Detectors whose finding this can be. */
  readonly detectors: ReadonlySet<string>
  /** Paths that `has(…)` asked for. */
  readonly guarded: ReadonlySet<string>
  /** Variables of macros, with the path of the list that they run over. */
  readonly variables: ReadonlyMap<string, readonly string[] | undefined>
}

/** Behind a condition that can't be read: no finding is certain, so no name in one is held to be wrong. */
export const nothingKnown: Knowledge = {
  detectors: new Set(),
  guarded: new Set(['finding.continues']),
  variables: new Map(),
}

export interface Visitor {
  /** A plain path; `asked` when it stands inside `has(…)`. */
  path(node: ASTNode, path: readonly string[], knowledge: Knowledge, asked: boolean): void
  /** Every other node, before what is inside it. */
  node(node: ASTNode, knowledge: Knowledge): void
}

const macros: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

/** Functions that run an expression for every item of a list. */
export function isMacro(name: string): boolean {
  return macros.has(name)
}

/**
 * Visits every node with what its surroundings make certain. Both sides of `&&` know what the other one asks: CEL
 * takes `error && false` for false (language definition, section "Logical Operators"), whichever side comes first.
 */
export function walkExpression(node: ASTNode, knowledge: Knowledge, visitor: Visitor): void {
  const path = pathOf(node)
  if (path) {
    visitor.path(node, path, knowledge, false)
    return
  }
  const asked = hasArgument(node)
  const askedPath = asked && pathOf(asked)
  if (asked && askedPath) {
    visitor.path(asked, askedPath, knowledge, true)
    return
  }
  visitor.node(node, knowledge)
  if (node.op === '&&' || node.op === '||') {
    const truth = node.op === '&&'
    const [left, right] = node.args
    walkExpression(left, given(knowledge, right, truth), visitor)
    walkExpression(right, given(knowledge, left, truth), visitor)
    return
  }
  if (node.op === '?:') {
    const [condition, yes, no] = node.args
    walkExpression(condition, knowledge, visitor)
    walkExpression(yes, given(knowledge, condition, true), visitor)
    walkExpression(no, given(knowledge, condition, false), visitor)
    return
  }
  if (node.op === 'rcall' && isMacro(node.args[0])) {
    const [, list, [variable, ...bodies]] = node.args
    walkExpression(list, knowledge, visitor)
    const inner = variable?.op === 'id' ? bound(knowledge, variable.args, pathOf(list)) : knowledge
    for (const body of bodies) walkExpression(body, inner, visitor)
    return
  }
  for (const child of childrenOf(node)) walkExpression(child, knowledge, visitor)
}

/** What holds where, beside what is known already, the condition is `truth`. */
export function given(knowledge: Knowledge, condition: ASTNode, truth: boolean): Knowledge {
  return {
    ...knowledge,
    detectors: narrow(condition, 'finding.detector', knowledge.detectors, truth),
    guarded: new Set([...knowledge.guarded, ...guardedPaths(condition, truth)]),
  }
}

function bound(knowledge: Knowledge, name: string, list: readonly string[] | undefined): Knowledge {
  const outer = list && knowledge.variables.get(list[0] ?? '')
  const path = list && [...(outer ?? list.slice(0, 1)), ...list.slice(1), '[]']
  return { ...knowledge, variables: new Map([...knowledge.variables, [name, path]]) }
}

/** The nodes right inside a node. */
export function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return []
    case '.':
    case '.?':
      return [node.args[0]]
    case 'call':
      return node.args[1]
    case 'rcall':
      return [node.args[1], ...node.args[2]]
    case 'map':
      return node.args.flat()
    case '!_':
    case '-_':
      return [node.args]
    default:
      return node.args
  }
}
