import { isTakenBack, type Run, type StepState, type StepStatus } from '../../core/response/run.ts'
import { type Layout, plainLayout } from './layout.ts'
import type { Tone } from './paint.ts'
import { safeText } from './safe-text.ts'
import { stepReason, stepStatus } from './step-words.ts'
import { shortTime } from './times.ts'
import { wrapText } from './wrap-text.ts'

const tones: Readonly<Record<StepStatus, Tone>> = {
  pending: 'quiet',
  skipped: 'quiet',
  dry_run: 'name',
  refused: 'warning',
  applied: 'good',
  failed: 'bad',
  unknown: 'bad',
}

interface Widths {
  readonly step: number
  readonly status: number
}

/** Runs below their playbook, each with its steps: what came of a step, and why. */
export function runsTable(runs: readonly Run[], layout: Layout = plainLayout): string {
  if (runs.length === 0) return 'no playbook took a finding'
  const ordered = [...runs].sort(
    (left, right) => left.started - right.started || (left.id < right.id ? -1 : 1),
  )
  const playbooks = new Map<string, Run[]>()
  for (const run of ordered) playbooks.set(run.playbook, [...(playbooks.get(run.playbook) ?? []), run])
  const steps = runs.flatMap((run) => run.steps)
  const widths = {
    step: Math.max(...steps.map(({ step }) => safeText(step).length)),
    status: Math.max(...steps.map((step) => stepStatus(step).length)),
  }
  return [...playbooks]
    .map(([playbook, own]) => {
      const mode = own[0]?.mode.replace('_', ' ') ?? ''
      const heading = `${layout.paint('heading', safeText(playbook))} (${mode})`
      return [heading, ...own.map((run) => runBlock(run, widths, layout))].join('\n')
    })
    .join('\n\n')
}

function runBlock(run: Run, widths: Widths, layout: Layout): string {
  const { entity, severity } = run.finding
  const who = layout.paint('name', safeText(`${entity.kind} ${entity.id}`))
  return [
    `  ${shortTime(run.started).slice(11)}  ${who}, ${severity}`,
    ...run.steps.map((step) => stepLines(step, widths, layout)),
  ].join('\n')
}

function stepLines(state: StepState, widths: Widths, { paint, width }: Layout): string {
  const indent = ' '.repeat(14 + widths.step + widths.status)
  const [first = '', ...more] = wrapText(
    safeText(outcome(state), 300),
    width === undefined ? Number.POSITIVE_INFINITY : width - indent.length,
  )
  const step = safeText(state.step).padEnd(widths.step)
  const status = stepStatus(state)
  const painted = `${paint(tones[state.status], status)}${' '.repeat(widths.status - status.length)}`
  return [`          ${step}  ${painted}  ${first}`, ...more.map((line) => `${indent}${line}`)]
    .map((line) => line.trimEnd())
    .join('\n')
}

/** What was done to whom until when; or what would have been, and which rule or condition stopped or ended it. */
function outcome(state: StepState): string {
  const { step, action, target, status, detail = '', until, at } = state
  const what = target ? `${action} ${target.kind} ${target.id}` : action
  // A page that was sent says it all by its name.
  if (status === 'applied' && until === undefined) return what === step ? '' : what
  if (status === 'applied') return `${what} until ${endTime(until ?? at, at)}`
  if (status === 'dry_run') return `would ${what}; ${detail}`
  if (isTakenBack(state)) return `${what} at ${shortTime(at).slice(11)}, ${stepReason(state)}`
  return stepReason(state)
}

/** Time of day, with the day when it is another one. */
function endTime(until: number, at: number): string {
  const [end, start] = [shortTime(until), shortTime(at)]
  return end.slice(0, 10) === start.slice(0, 10) ? end.slice(11) : end
}
