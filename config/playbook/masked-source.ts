import type { ASTNode } from '@marcbachmann/cel-js'
import type { TextRange } from '../yaml/located-yaml.ts'
import { textOf } from './expression-facts.ts'
import { childrenOf } from './walk-expression.ts'

/**
 * The source with spaces in place of everything but one node, so that its places stay what they are. The range of a node
 * may begin or end inside brackets that are its own; those are closed again.
 */
export function maskedSource(source: string, { range }: ASTNode, root: ASTNode): string {
  const texts = textRanges(root)
  let open = 0
  let unopened = 0
  for (let index = range.start; index < range.end; index++) {
    if (texts.some(({ start, end }) => index >= start && index < end)) continue
    if (source[index] === '(') open += 1
    if (source[index] === ')' && open === 0) unopened += 1
    else if (source[index] === ')') open -= 1
  }
  const before = `${' '.repeat(Math.max(0, range.start - unopened))}${'('.repeat(unopened)}`
  return `${before}${source.slice(range.start, range.end)}${')'.repeat(open)}`
}

function textRanges(node: ASTNode): readonly TextRange[] {
  if (textOf(node) !== undefined) return [node.range]
  return childrenOf(node).flatMap(textRanges)
}
