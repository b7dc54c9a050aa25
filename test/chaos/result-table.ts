import { linesOf } from './compare.ts'
import type { SplitResult, SplitRun, Trial } from './split-roles.ts'

/** Trials by kind, then what was lost and what happened twice. */
export function resultTable(
  trials: readonly Trial[],
  expected: SplitRun['expected'],
  events: number,
  result: SplitResult,
): string {
  const counts = new Map<string, number>()
  for (const { who, what } of trials) {
    const kind = what === 'kill' ? `kill -9 ${who}` : `${who} stopped and woken`
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  const rows = [
    ['findings', linesOf(expected.findings).length, result.findings],
    ['decisions', expected.decisions.length, result.decisions],
    ['calls', expected.calls.length, result.calls],
    ['rows of events', events, result.rows],
  ] as const
  return [
    '',
    '| trial | times |',
    '|---|---|',
    ...[...counts].map(([kind, count]) => `| ${kind} | ${count} |`),
    '',
    '| compared | undisturbed | lost | twice or other |',
    '|---|---|---|---|',
    ...rows.map(([name, count, { lost, extra }]) => `| ${name} | ${count} | ${lost} | ${extra} |`),
    '',
    `Calls repeated under the same key, which the receiver recognises: ${result.repeated}`,
    '',
  ].join('\n')
}
