import { attacksOf, attacksTable } from '../render/attacks-table.ts'
import { evidenceSentence } from '../render/evidence-sentence.ts'
import { inForce, inForceTable } from '../render/in-force-table.ts'
import type { Layout } from '../render/layout.ts'
import { runsTable } from '../render/runs-table.ts'
import { safeText } from '../render/safe-text.ts'
import { clockTime, shortTime } from '../render/times.ts'
import { wrapText } from '../render/wrap-text.ts'
import type { Replayed } from '../runtime/replay.ts'
import type { NextCommand } from './next-commands.ts'
import { demoEnd, hourMs, recording } from './recorded-hour.ts'

export interface DemoResult {
  readonly replayed: Replayed
  readonly seconds: number
  readonly next: readonly NextCommand[]
}

/** The page that `picket demo` prints: what was read, found, done, and what is still in force. */
export function demoReport({ replayed, seconds, next }: DemoResult, layout: Layout): string {
  const { tally } = replayed
  const end = demoEnd(replayed.end)
  const chains = attacksOf(replayed.findings)
  const attacks = chains.filter(({ worst }) => worst.severity !== 'info')
  const notes = chains.filter(({ worst }) => worst.severity === 'info')
  const decisions = inForce(replayed.decisions, end)
  const title = (name: string, about: string) => `${layout.paint('heading', name)}  ${about}`
  const read = `Read ${tally.summary()}, from ${recording}: ${shortTime(end - hourMs).slice(0, 16)} to ${clockTime(end)} UTC, judged in ${seconds.toFixed(1)} s.`
  const sections = [
    wrapText(read, layout.width ?? Number.POSITIVE_INFINITY).join('\n'),
    `${title('FINDINGS', `${attacks.length} attacks`)}\n\n${attacksTable(attacks, layout)}`,
    ...(notes.length > 0 ? [`Noted, and nobody blamed:\n${notes.map(noteLine).join('\n')}`] : []),
    `${title('PLAYBOOKS', 'what was done, step by step (simulated: no gateway obeys, nobody is paged)')}\n\n${runsTable(replayed.runs, layout)}`,
    `${title('DECISIONS', `${decisions.length} in force at the end of the hour, ${clockTime(end)} UTC`)}\n\n${inForceTable(decisions, end, layout)}`,
    `${title('NEXT', 'nothing was written to disk; three commands to try')}\n\n${nextLines(next, layout)}`,
  ]
  return `${sections.join('\n\n')}\n`

  function noteLine({ worst }: (typeof notes)[number]): string {
    const who = safeText(`${worst.entity.kind} ${worst.entity.id}`)
    return `  ${worst.detector}  ${layout.paint('name', who)}  ${safeText(evidenceSentence(worst), 160)}`
  }
}

function nextLines(next: readonly NextCommand[], { paint }: Layout): string {
  return next
    .map(({ command, why }) => `  ${paint('quiet', `# ${why}`)}\n  ${paint('name', command)}`)
    .join('\n')
}
