import type { Logger } from 'pino'
import type { Decision } from '../../core/decision/decision.ts'
import type { Finding, Severity } from '../../core/detector/finding.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Changes, Restored } from '../../core/ports/state-store.ts'
import type { JournalEntry } from '../../core/response/journal.ts'
import type { Run, StepStatus } from '../../core/response/run.ts'
import { safeText } from '../render/safe-text.ts'
import { LineLimit } from './line-limit.ts'
import { decisionFields, findingFields, stepFields } from './operator-log-fields.ts'

export interface OperatorLogOptions {
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn' | 'isLevelEnabled'>
  readonly clock: Clock
  /** What was told of before the restart. */
  readonly restored: Pick<Restored, 'openFindings' | 'decisions'>
}

type Kind = 'findings' | 'steps' | 'decisions'

/** Each kind by itself, so that a flood of findings hides no decision. */
const linesPerSecond = 10
/** Findings whose severity is remembered; one forgotten is told again when it grows. */
const findingsKept = 20_000

/** Where to look for what was held back. */
const elsewhere: Readonly<Record<Kind, string>> = {
  findings: '… more findings; picket findings list shows them',
  steps: '… more outcomes of steps; picket findings show <id> shows them',
  decisions: '… more changes of decisions; picket decisions list shows what is in force',
}

const levels: Readonly<Record<StepStatus, 'debug' | 'info' | 'warn'>> = {
  pending: 'debug',
  skipped: 'debug',
  dry_run: 'info',
  refused: 'info',
  applied: 'info',
  failed: 'warn',
  unknown: 'warn',
}

/**
 * What `picket run` tells in its log of findings, steps and decisions: a line for each, when it is durable, and at most
 * so many a second. Event text is made safe to print.
 */
export class OperatorLog {
  readonly #options: OperatorLogOptions
  readonly #limits: Readonly<Record<Kind, LineLimit>> = {
    findings: new LineLimit(linesPerSecond),
    steps: new LineLimit(linesPerSecond),
    decisions: new LineLimit(linesPerSecond),
  }
  readonly #severities: Map<string, Severity>
  readonly #held: Map<string, Decision>

  constructor(options: OperatorLogOptions) {
    const { openFindings, decisions } = options.restored
    this.#options = options
    this.#severities = new Map(openFindings.map(({ id, severity }) => [id, severity]))
    this.#held = new Map(decisions.map((decision) => [decision.id, decision]))
  }

  /** Committed findings: the first sight of each, and each change of severity. */
  findings(findings: readonly Finding[]): void {
    for (const finding of findings) {
      const { id, severity } = finding
      const was = this.#severities.get(id)
      if (was === severity) continue
      this.#remember(id, severity)
      const isNew = was === undefined
      this.#say(
        'findings',
        'info',
        () => ({ ...findingFields(finding), ...(isNew ? {} : { was }) }),
        isNew ? 'finding' : 'finding changed severity',
      )
    }
  }

  /** What response committed: outcomes of steps, decisions made and ended. */
  responded({ runs = [], journal = [], decisions = [], decisionsRemoved = [] }: Changes): void {
    for (const entry of journal)
      if (entry.kind === 'result' && entry.run !== 'manual') this.#step(entry, runs)
    for (const decision of decisions) this.#made(decision)
    for (const id of decisionsRemoved) {
      const entry = journal.find(({ kind, key }) => key === id && (kind === 'undo' || kind === 'expired'))
      this.#ended(id, entry)
    }
  }

  /** Tells how much was held back in seconds that are over. Call it about every second. */
  flush(): void {
    this.#flushAt(this.#options.clock.now())
  }

  /** The same for the second under way: nothing more comes. */
  end(): void {
    this.#flushAt(Number.POSITIVE_INFINITY)
  }

  #flushAt(now: number): void {
    for (const [kind, limit] of Object.entries(this.#limits) as [Kind, LineLimit][]) {
      const more = limit.held(now)
      if (more > 0) this.#options.log.info({ more }, elsewhere[kind])
    }
  }

  #step(entry: JournalEntry, runs: readonly Run[]): void {
    const { status = 'unknown' } = entry
    this.#say('steps', levels[status], () => stepFields(entry, runs), `step ${status.replace('_', ' ')}`)
  }

  #made(decision: Decision): void {
    const isRenewed = this.#held.has(decision.id)
    this.#held.set(decision.id, decision)
    this.#say(
      'decisions',
      'info',
      () => decisionFields(decision),
      isRenewed ? 'decision renewed' : 'decision added',
    )
  }

  #ended(id: string, entry: JournalEntry | undefined): void {
    const decision = this.#held.get(id)
    this.#held.delete(id)
    const fields = () => ({
      ...(decision ? decisionFields(decision) : { decision: id }),
      ...(entry?.detail === undefined ? {} : { why: safeText(entry.detail, 500) }),
    })
    this.#say('decisions', 'info', fields, 'decision ended')
  }

  #say(kind: Kind, level: 'debug' | 'info' | 'warn', fields: () => object, message: string): void {
    const { log, clock } = this.#options
    if (!log.isLevelEnabled(level)) return
    const now = clock.now()
    this.#flushAt(now)
    if (this.#limits[kind].take(now)) log[level](fields(), message)
  }

  #remember(id: string, severity: Severity): void {
    this.#severities.delete(id)
    this.#severities.set(id, severity)
    if (this.#severities.size <= findingsKept) return
    const [oldest] = this.#severities.keys()
    if (oldest !== undefined) this.#severities.delete(oldest)
  }
}
