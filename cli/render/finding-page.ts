import type { Decision } from '../../core/decision/decision.ts'
import type { Finding } from '../../core/detector/finding.ts'
import type { JournalEntry } from '../../core/response/journal.ts'
import { isTakenBack, type Run, type StepState } from '../../core/response/run.ts'
import { decisionLine } from './decision-line.ts'
import { decisionsTable } from './decisions-table.ts'
import { evidenceLines } from './evidence-lines.ts'
import { findingLine } from './finding-line.ts'
import { jsonLine } from './json-line.ts'
import { safeText } from './safe-text.ts'
import { stepReason, stepStatus } from './step-words.ts'
import { isoTime, shortTime } from './times.ts'

/** A finding with everything that was done about it. */
export interface FindingStory {
  readonly finding: Finding
  readonly runs: readonly { readonly run: Run; readonly journal: readonly JournalEntry[] }[]
  /** In force or still on record, of this finding's chain. */
  readonly decisions: readonly Decision[]
  /** Why no playbook took it, one sentence each, by the configuration of now. */
  readonly notTaken?: readonly string[]
}

/** All that is known, for a person. */
export function findingPage({ finding, runs, decisions, notTaken = [] }: FindingStory): string {
  const { id, entity, severity, score, detector, version, state, first, last, manifest, root } = finding
  const lines = [
    `${id}  ${severity}, score ${score.toFixed(2)}, ${state}`,
    `who        ${safeText(`${entity.kind} ${entity.id}`, 300)}`,
    `detector   ${detector}, version ${version}`,
    `seen       ${shortTime(first)} to ${shortTime(last)} UTC`,
    `manifest   ${manifest}`,
    ...(finding.continues ? [`continues  ${finding.continues}, begun by ${root}`] : []),
    '',
    'Evidence:',
    ...evidenceLines(finding.evidence),
    '',
  ]
  if (runs.length === 0) {
    lines.push('No playbook took it.', ...notTaken.map((why) => `  ${safeText(why, 500)}`), '')
  }
  for (const one of runs) lines.push(...runLines(one.run, one.journal), '')
  lines.push('Decisions:')
  const safe = lines.map((line) => safeText(line, Number.POSITIVE_INFINITY))
  return [...safe, decisionsTable(decisions, 'none in force')].join('\n')
}

function runLines(run: Run, journal: readonly JournalEntry[]): string[] {
  const done = run.state === 'done' ? 'done' : 'under way'
  const head = `Playbook ${run.playbook} (${run.mode}), run ${run.id}, ${done}, started ${shortTime(run.started)}`
  return [
    head,
    ...run.steps.flatMap((step) => [
      stepLine(step),
      ...journal.filter((entry) => entry.step === step.step).map(journalLine),
    ]),
  ]
}

function stepLine(state: StepState): string {
  const { step, action, target, until, at } = state
  const what = step === action ? step : `${step} (${action})`
  const whom = target ? ` ${target.kind} ${safeText(target.id, 100)}` : ''
  const status = stepStatus(state)
  const when = isTakenBack(state) ? ` ${shortTime(at).slice(11)}` : ''
  const end = status === 'applied' && until !== undefined ? ` until ${shortTime(until)}` : ''
  const why = safeText(stepReason(state), 500)
  // A person's name is part of the sentence.
  const reason = why === '' ? '' : why.startsWith('by ') ? ` ${why}` : ` — ${why}`
  return `  ${what}${whom}: ${status}${when}${end}${reason}`
}

function journalLine({ at, kind, status, detail }: JournalEntry): string {
  const said = [status, detail === undefined ? undefined : safeText(detail, 500)].filter(Boolean).join(', ')
  return `    ${shortTime(at)}  ${kind}${said ? `: ${said}` : ''}`
}

/** The same as one JSON object: the finding's own fields, then `state`, `continues`, `root`, `runs` and `decisions`. */
export function findingStoryLine({ finding, runs, decisions }: FindingStory): string {
  const { state, continues, root } = finding
  return jsonLine({
    ...(JSON.parse(findingLine(finding)) as object),
    state,
    ...(continues === undefined ? {} : { continues }),
    root,
    runs: runs.map(({ run, journal }) => ({
      id: run.id,
      playbook: run.playbook,
      mode: run.mode,
      state: run.state,
      started: isoTime(run.started),
      steps: run.steps.map(withIsoTimes),
      journal: journal.map(withIsoTimes),
    })),
    decisions: decisions.map((decision) => JSON.parse(decisionLine(decision)) as object),
  })
}

function withIsoTimes(row: StepState | JournalEntry) {
  return { ...row, at: isoTime(row.at), ...(row.until === undefined ? {} : { until: isoTime(row.until) }) }
}
