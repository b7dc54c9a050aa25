import { isMap, isNode, isScalar, isSeq, type Node } from 'yaml'
import { pathText } from './describe-issue.ts'
import type { LocatedYaml, YamlPath } from './located-yaml.ts'
import type { Problem } from './problem.ts'

/**
 * A problem for each setting called `__proto__`. Maps of settings with names of one's own pass over it without a word,
 * because it is no property like others in JavaScript; where one is `found` already, it isn't told again.
 */
export function hiddenKeyProblems(yaml: LocatedYaml, found: readonly Problem[]): readonly Problem[] {
  const root = yaml.nodeAt([])
  const problems = root ? hiddenKeys(root, [], yaml) : []
  return problems.filter(
    ({ line, col }) => !found.some((problem) => problem.line === line && problem.col === col),
  )
}

function hiddenKeys(node: Node, path: YamlPath, yaml: LocatedYaml): readonly Problem[] {
  if (isSeq(node)) {
    return node.items.flatMap((item, index) => (isNode(item) ? hiddenKeys(item, [...path, index], yaml) : []))
  }
  if (!isMap(node)) return []
  return node.items.flatMap(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : ''
    const inside = isNode(value) ? hiddenKeys(value, [...path, name], yaml) : []
    if (name !== '__proto__' || !isNode(key) || !key.range) return inside
    const where = path.length === 0 ? '' : ` in ${pathText(path)}`
    const range = { start: key.range[0], end: key.range[1] }
    return [
      yaml.problem(range, `unknown setting '__proto__'${where}`, 'remove it: nothing may be called so'),
      ...inside,
    ]
  })
}
