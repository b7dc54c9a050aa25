import type { ASTNode } from '@marcbachmann/cel-js'
import type { Finding } from '../../core/detector/finding.ts'
import type { Playbook } from '../../core/response/playbook.ts'
import { conditionOf, expressionEnvironment } from './expression.ts'
import { pathOf } from './expression-facts.ts'
import { maskedSource } from './masked-source.ts'
import { childrenOf } from './walk-expression.ts'

/** Why a playbook does not take a finding, in words for a person. */
export interface NotTaken {
  readonly why: string
  /** It is for findings of other detectors, so nobody expected it to. */
  readonly isForOthers: boolean
}

/** The first condition of `on` that the finding does not meet; `undefined` where it meets all. */
export function whyNotTaken(playbook: Playbook, finding: Finding): NotTaken | undefined {
  const { on, accepts } = playbook
  if (accepts === 'final' && finding.state === 'provisional') {
    return { why: 'it takes final findings only, and this one is provisional', isForOthers: false }
  }
  try {
    if (on.evaluate({ finding, steps: {} })) return undefined
    const { ast } = expressionEnvironment(undefined).parse(on.source)
    const failed = conditionsOf(ast).filter((part) => !holds(part, ast, on.source, finding))
    const isForOthers = failed.some((part) => asksFor(part, 'finding.detector'))
    const [first = ast] = failed
    const condition = maskedSource(on.source, first, ast).trim().replace(/\s+/g, ' ')
    return { why: `it asks for ${condition}`, isForOthers }
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error), isForOthers: false }
  }
}

/** What must all be true. */
function conditionsOf(node: ASTNode): readonly ASTNode[] {
  return node.op === '&&' ? node.args.flatMap(conditionsOf) : [node]
}

function holds(part: ASTNode, root: ASTNode, source: string, finding: Finding): boolean {
  const alone = maskedSource(source, part, root)
  try {
    return conditionOf(alone, expressionEnvironment(undefined).parse(alone)).evaluate({ finding, steps: {} })
  } catch {
    // What can't be told is no condition to name before those that are false.
    return true
  }
}

function asksFor(node: ASTNode, path: string): boolean {
  return pathOf(node)?.join('.') === path || childrenOf(node).some((child) => asksFor(child, path))
}
