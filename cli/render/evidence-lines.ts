import { safeText } from './safe-text.ts'

const textMax = 1000
/** Evidence is bounded by its schema; deeper than this nothing of ours goes. */
const depthMax = 8

/** A value as YAML-like lines for a person; every text is made safe to print. Not meant to be parsed: `--json` is. */
export function evidenceLines(value: unknown, indent = '  ', depth = 0): string[] {
  if (!isStructure(value)) return [`${indent}${scalar(value)}`]
  if (depth >= depthMax) return [`${indent}${safeText(JSON.stringify(value), textMax)}`]
  const entries = Array.isArray(value)
    ? value.map((one: unknown) => ['-', one] as const)
    : Object.entries(value).map(([name, one]) => [`${safeText(name, 100)}:`, one] as const)
  return entries.flatMap(([head, one]) => entryLines(head, one, indent, depth))
}

function entryLines(head: string, value: unknown, indent: string, depth: number): string[] {
  if (!isStructure(value)) return [`${indent}${head} ${scalar(value)}`]
  if (Object.keys(value).length === 0) return [`${indent}${head} none`]
  const lines = evidenceLines(value, `${indent}  `, depth + 1)
  // The first line of an item stands beside its dash, as in YAML.
  if (head === '-' && lines[0] !== undefined) return [`${indent}- ${lines[0].trimStart()}`, ...lines.slice(1)]
  return [`${indent}${head}`, ...lines]
}

function isStructure(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function scalar(value: unknown): string {
  return safeText(typeof value === 'string' ? value : String(value), textMax)
}
