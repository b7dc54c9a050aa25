import type { LocatedYaml, YamlPath } from './located-yaml.ts'
import { fileProblem, type Problem } from './problem.ts'

/** A problem at a setting, or at the section that lacks it; without the section no line is to be looked at. */
export function placedProblem(yaml: LocatedYaml, path: YamlPath, message: string, hint?: string): Problem {
  if (yaml.nodeAt(path.slice(0, 1)) === undefined) return fileProblem(yaml.file, message, hint)
  return yaml.problem(yaml.rangeOf(path), message, hint)
}
