import { isDeepStrictEqual } from 'node:util'
import { type Document, isMap, type Node, parseDocument, visit } from 'yaml'
import type { TextRange } from './located-yaml.ts'
import { type Problem, sortProblems } from './problem.ts'
import { indentingTabs, type SpacedText, spacedText, tabWidths } from './spaced-tabs.ts'
import { textProblems } from './text-limits.ts'
import { yamlMessage } from './yaml-message.ts'

/** A list used ten times is fine; a bomb refers to itself millions of times. */
const aliasesMax = 100
const problemsMax = 20
/** Errors beside which the rest of the document means what it says. */
const harmless: ReadonlySet<string> = new Set(['DUPLICATE_KEY', 'MULTIPLE_DOCS'])

type ProblemAt = (range: TextRange, message: string, hint?: string) => Problem

export interface ParsedYaml {
  readonly tree?: Document.Parsed
  /** What the text says beyond doubt; with problems it is to be checked, and not to be used. */
  readonly data?: unknown
  readonly problems: readonly Problem[]
  /** The text that the ranges of the tree are ranges of, where it is another than the one given. */
  readonly read?: SpacedText
}

/** Parses one document; never throws. */
export function parseYaml(text: string, at: ProblemAt): ParsedYaml {
  const parsed = parseOnce(text, at)
  const tabs = indentingTabs(text)
  if (parsed.problems.length === 0 || tabs.length === 0) return parsed
  return withoutTabs(text, tabs, parsed, at)
}

function parseOnce(text: string, at: ProblemAt): ParsedYaml {
  const refused = textProblems(text, at)
  if (refused.length > 0) return { problems: refused }
  const problems: Problem[] = []
  try {
    // `logLevel: silent` would hide that there are several documents.
    const tree = parseDocument(text, { prettyErrors: false, logLevel: 'error', version: '1.2' })
    const errors = [...tree.errors, ...tree.warnings]
    for (const { code, message, pos } of errors.slice(0, problemsMax)) {
      const { sentence, hint } = yamlMessage(code, message)
      const start = /^Missing closing .quote$/.test(message) ? openQuote(tree, pos[0]) : pos[0]
      problems.push(at({ start, end: start + 1 }, sentence, hint))
    }
    if (!errors.every(({ code }) => harmless.has(code))) return { tree, problems: firstOfEachLine(problems) }
    if (errors.length > 0) dropSecondKeys(tree)
    return { tree, data: tree.toJS({ maxAliasCount: aliasesMax }) as unknown, problems }
  } catch (error) {
    const { sentence, hint } = yamlMessage('', error instanceof Error ? error.message : String(error))
    return { problems: [...problems, at({ start: 0, end: 1 }, sentence, hint)] }
  }
}

/**
 * The text read as if spaces stood where tabs do. One tab makes the parser report several errors after it, so they are
 * replaced by one problem, unless they have nothing to do with tabs. The data stands only if all widths that fit agree.
 */
function withoutTabs(text: string, tabs: readonly number[], parsed: ParsedYaml, at: ProblemAt): ParsedYaml {
  const readings = tabWidths.map((width) => {
    const read = spacedText(text, width)
    return { read, ...parseOnce(read.text, (range, ...rest) => at(read.original(range), ...rest)) }
  })
  const [best] = readings.toSorted((left, right) => left.problems.length - right.problems.length)
  if (!best || isDeepStrictEqual(best.problems, parsed.problems)) return parsed
  const [first = 0] = tabs
  const more = tabs.length - 1
  const lines = more === 0 ? '' : `, and ${more === 1 ? 'one further line' : `${more} further lines`}`
  const tab = at(
    { start: first, end: first + 1 },
    `a tab indents this line${lines}`,
    'YAML allows spaces only: replace each tab by spaces',
  )
  const fitting = readings.filter(({ data }) => data !== undefined)
  const agree = fitting.every(({ data }) => isDeepStrictEqual(data, fitting[0]?.data))
  const { data: _doubtful, ...rest } = best
  return { ...rest, ...(agree ? { data: best.data } : {}), problems: [tab, ...best.problems] }
}

/** Behind an error the parser guesses, so what it finds after it on the line is mostly the same mistake. */
function firstOfEachLine(problems: readonly Problem[]): readonly Problem[] {
  const sorted = sortProblems(problems)
  return sorted.filter(({ line }, index) => line !== sorted[index - 1]?.line)
}

/** Leaves the first of two settings with one name, which is the one that places are looked up in. */
function dropSecondKeys(tree: Document.Parsed): void {
  visit(tree, {
    Map(_key, map) {
      if (!isMap(map)) return
      const seen = new Set<string>()
      map.items = map.items.filter(({ key }) => {
        const name = String(key)
        return !seen.has(name) && seen.add(name)
      })
    },
  })
}

/** The parser notices at the end of the text that a quote is open; a person looks for where it opens. */
function openQuote(tree: Document.Parsed, noticed: number): number {
  let start = noticed
  const look = (node: Node) => {
    if (node.range && node.range[0] < noticed && node.range[2] >= noticed) start = node.range[0]
  }
  visit(tree, { Scalar: (_key, node) => look(node) })
  return start
}
