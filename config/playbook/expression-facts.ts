import type { ASTNode } from '@marcbachmann/cel-js'

/** `finding.evidence.subject` and `finding.evidence['subject']` as names; `undefined` for what is no plain path. */
export function pathOf(node: ASTNode): readonly string[] | undefined {
  if (node.op === 'id') return [node.args]
  if (node.op === '.' || node.op === '.?') {
    const parent = pathOf(node.args[0])
    return parent && [...parent, node.args[1]]
  }
  if (node.op === '[]' || node.op === '[?]') {
    const parent = pathOf(node.args[0])
    const key = textOf(node.args[1])
    return parent && key !== undefined ? [...parent, key] : undefined
  }
  return undefined
}

/** The value of a text literal. */
export function textOf(node: ASTNode): string | undefined {
  return node.op === 'value' && typeof node.args === 'string' ? node.args : undefined
}

/** Text literals that a path is compared with, by `==`, `!=` or `in`. */
export function comparedTexts(
  node: ASTNode,
): { readonly path: readonly string[]; readonly texts: readonly ASTNode[] } | undefined {
  if (node.op === '==' || node.op === '!=') {
    const [left, right] = node.args
    const [side, literal] = textOf(left) === undefined ? [left, right] : [right, left]
    const path = pathOf(side)
    return path && textOf(literal) !== undefined ? { path, texts: [literal] } : undefined
  }
  if (node.op === 'in') {
    const [left, right] = node.args
    const path = pathOf(left)
    if (!path || right.op !== 'list' || !right.args.every((item) => textOf(item) !== undefined))
      return undefined
    return { path, texts: right.args }
  }
  return undefined
}

/** Which values of the universe the place at `path` can have where the node is `truth`. */
export function narrow(
  node: ASTNode,
  path: string,
  universe: ReadonlySet<string>,
  truth = true,
): ReadonlySet<string> {
  if (node.op === '!_') return narrow(node.args, path, universe, !truth)
  if (node.op === '&&' || node.op === '||') {
    const left = narrow(node.args[0], path, universe, truth)
    const right = narrow(node.args[1], path, universe, truth)
    const both = (node.op === '&&') === truth
    return new Set(
      [...universe].filter((id) => (both ? left.has(id) && right.has(id) : left.has(id) || right.has(id))),
    )
  }
  const compared = comparedTexts(node)
  if (!compared || compared.path.join('.') !== path) return universe
  const texts = new Set(compared.texts.map(textOf))
  const kept = (node.op === '!=') !== truth
  return new Set([...universe].filter((id) => texts.has(id) === kept))
}

/** Paths that are certainly there where the node is `truth`, because `has(…)` asked for them. */
export function guardedPaths(node: ASTNode, truth = true): ReadonlySet<string> {
  if (node.op === '!_') return guardedPaths(node.args, !truth)
  if (node.op === '&&' || node.op === '||') {
    const left = guardedPaths(node.args[0], truth)
    const right = guardedPaths(node.args[1], truth)
    if ((node.op === '&&') === truth) return new Set([...left, ...right])
    return new Set([...left].filter((path) => right.has(path)))
  }
  const asked = hasArgument(node)
  const path = asked && pathOf(asked)
  return truth && path ? new Set([path.join('.')]) : new Set()
}

/** What `has(…)` asks for. */
export function hasArgument(node: ASTNode): ASTNode | undefined {
  return node.op === 'call' && node.args[0] === 'has' ? node.args[1][0] : undefined
}
