import { type Document, isMap, isNode, isPair, LineCounter, type Node } from 'yaml'
import { maskSecrets } from './mask-secrets.ts'
import { parseYaml } from './parse-yaml.ts'
import type { Problem } from './problem.ts'

export type YamlPath = readonly PropertyKey[]

/** A range of the text, in code units from its start. */
export interface TextRange {
  readonly start: number
  readonly end: number
}

/** A YAML file whose values know where they stand. */
export interface LocatedYaml {
  readonly file: string
  /** What the ranges are ranges of; tabs that indent are spaces in it. */
  readonly text: string
  /**
   * Plain data; `undefined` when the file is empty or can't be read as YAML. With problems it is what they leave no doubt
   * about: to be checked, so that everything is told at once, and not to be used.
   */
  readonly data: unknown
  /** Errors of the syntax. */
  readonly problems: readonly Problem[]
  /** The node of a path, if there is one. */
  nodeAt(path: YamlPath): Node | undefined
  /** Where the value of a path stands; for a missing one its nearest ancestor that is there. */
  rangeOf(path: YamlPath): TextRange
  /** Where the key of a map at `path` stands. */
  keyRange(path: YamlPath, key: string): TextRange
  problem(range: TextRange, message: string, hint?: string): Problem
}

/** Parses one YAML 1.2 document; never throws. Duplicate keys, tabs and further documents are problems. */
export function parseLocatedYaml(file: string, text: string): LocatedYaml {
  const lines = new LineCounter()
  // The lexer would tell the lines too, but not when the text is refused before it is parsed.
  lines.lineStarts.push(0)
  for (let index = text.indexOf('\n'); index >= 0; index = text.indexOf('\n', index + 1)) {
    lines.lineStarts.push(index + 1)
  }
  const at = (range: TextRange, message: string, hint?: string): Problem => {
    return problemAt(file, text, lines, range, message, hint)
  }
  const { tree, data, problems, read } = parseYaml(text, at)
  return {
    file,
    text: read?.text ?? text,
    data,
    problems,
    nodeAt: (path) => nodeAt(tree, path),
    rangeOf: (path) => rangeOf(tree, path),
    keyRange: (path, key) => keyRange(tree, path, key),
    problem: (range, message, hint) => at(read?.original(range) ?? range, message, hint),
  }
}

function problemAt(
  file: string,
  text: string,
  lines: LineCounter,
  range: TextRange,
  message: string,
  hint: string | undefined,
): Problem {
  const start = Math.min(range.start, text.length)
  const { line, col } = lines.linePos(start)
  const lineStart = lines.lineStarts[line - 1] ?? 0
  const source = text.slice(lineStart, lines.lineStarts[line] ?? text.length).replace(/[\r\n]+$/, '')
  const length = Math.max(1, Math.min(range.end, lineStart + source.length) - start)
  return {
    file,
    line,
    col,
    message,
    source: maskSecrets(source, text.slice(0, lineStart).split(/\r?\n/).slice(0, -1)),
    length,
    ...(hint === undefined ? {} : { hint }),
  }
}

function nodeAt(tree: Document.Parsed | undefined, path: YamlPath): Node | undefined {
  const node: unknown = path.length === 0 ? tree?.contents : tree?.getIn(path, true)
  return isNode(node) ? node : undefined
}

function rangeOf(tree: Document.Parsed | undefined, path: YamlPath): TextRange {
  for (let length = path.length; length >= 0; length--) {
    const range = nodeAt(tree, path.slice(0, length))?.range
    if (!range) continue
    // Of a missing setting only the first line of what should hold it is marked.
    return length === path.length
      ? { start: range[0], end: range[1] }
      : { start: range[0], end: range[0] + 1 }
  }
  return { start: 0, end: 1 }
}

function keyRange(tree: Document.Parsed | undefined, path: YamlPath, key: string): TextRange {
  const map = nodeAt(tree, path)
  if (isMap(map)) {
    for (const pair of map.items) {
      if (isPair(pair) && isNode(pair.key) && String(pair.key) === key && pair.key.range) {
        return { start: pair.key.range[0], end: pair.key.range[1] }
      }
    }
  }
  return rangeOf(tree, path)
}
