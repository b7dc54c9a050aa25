import type { LocatedYaml, YamlPath } from '../yaml/located-yaml.ts'
import type { Problem } from '../yaml/problem.ts'
import { type CompileContext, type Compiled, compileExpression } from './compile-expression.ts'
import { scalarRange } from './scalar-offset.ts'

/** Compiles the expression at a path of the file; what is wrong is added to `problems` at its place in the scalar. */
export function compileAt(
  yaml: LocatedYaml,
  path: YamlPath,
  source: string,
  context: CompileContext,
  problems: Problem[],
): Compiled {
  const compiled = compileExpression(source, context)
  const node = yaml.nodeAt(path)
  for (const { start, end, message, hint } of compiled.faults) {
    const range = node ? scalarRange(yaml.text, node, source, { start, end }) : yaml.rangeOf(path)
    problems.push(yaml.problem(range, `${String(path.at(-1))}: ${message}`, hint))
  }
  return compiled
}
