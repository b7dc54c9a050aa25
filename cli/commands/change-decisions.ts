import { userInfo } from 'node:os'
import { stderr, stdout } from 'node:process'
import type { LoadedConfig } from '../../config/load-config.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { canonicalId } from '../../core/entity/canonical-id.ts'
import type { ManualDecision, ManualResult } from '../../core/response/manual.ts'
import { durationMs } from '../../core/time/duration.ts'
import { type DecisionRecord, decisionRecord } from '../render/decision-line.ts'
import { jsonLine } from '../render/json-line.ts'
import { safeText } from '../render/safe-text.ts'
import { type ControlResponse, controlRequest, problemOf } from '../runtime/control-client.ts'
import { addRequest, issuesText, removeRequest } from '../runtime/control-requests.ts'
import { type DataDirFlags, dataDirOf, loadWithDataDir } from '../runtime/data-dir.ts'
import { withDirectExecutor } from '../runtime/direct-executor.ts'
import { ExitError, exitCodes } from '../runtime/exit.ts'
import { requireState } from '../runtime/read-state.ts'
import { sharedBy } from './shared-scope.ts'

interface ChangeFlags extends DataDirFlags {
  readonly by?: string
  readonly json?: boolean
}

interface AddFlags extends ChangeFlags {
  readonly scope: string
  readonly value: string
  readonly type: string
  readonly rate?: string
  readonly ttl: string
  readonly reason: string
  readonly yes?: boolean
}

/** `picket decisions add`: by the running `picket run`, else on the state itself. */
export async function addDecision(flags: AddFlags): Promise<void> {
  const { scope, value, type, rate, ttl, reason, by = userName(), json } = flags
  const body = { scope, value, type, ttl, reason, by, ...(rate === undefined ? {} : { rate }) }
  const parsed = addRequest.safeParse(body)
  if (!parsed.success) throw new ExitError(exitCodes.usage, safeText(issuesText(parsed.error), 1000))
  confirmShared(parsed.data, flags.yes === true)
  const answer = await controlRequest(dataDirOf(flags), { method: 'POST', path: '/decisions', body })
  if (answer) {
    print('added', recordOf(answer), json)
    return
  }
  const request = parsed.data
  const loaded = withoutResponder(flags)
  const id = canonicalId(request.scope, request.value)
  const result = await withDirectExecutor(
    loaded,
    (decision) => decision.run === undefined && decision.scope === request.scope && decision.value === id,
    (executor) => executor.addDecision(request),
  )
  // Without a rule it was not refused: the request itself can't be met.
  print(
    'added',
    madeBy(result, exitCodes.usage),
    json,
    'no picket run is running: it counts from its next start',
  )
}

/** What binds more than one client is said before it is done, and done only on purpose. */
function confirmShared({ scope, value, type }: ManualDecision, isConfirmed: boolean): void {
  const whom = sharedBy(scope, value)
  if (whom === undefined) return
  const warning = `this ${type} binds ${whom}`
  if (!isConfirmed) throw new ExitError(exitCodes.refused, `${warning}; add --yes if that is meant`)
  stderr.write(`${warning}\n`)
}

/** The configuration, where the state may be changed by hand while nobody runs: that of a cluster belongs to its responder. */
function withoutResponder(flags: DataDirFlags): LoadedConfig<Detector> {
  const loaded = loadWithDataDir(flags)
  const { cluster, data_dir: dataDir } = loaded.config
  if (!cluster) return loaded
  throw new ExitError(
    exitCodes.refused,
    `no process of the cluster '${cluster.prefix}' that responds answers in ${dataDir}: do it on the machine of the \`respond\` that acts, with its --data-dir`,
  )
}

/** `picket decisions remove`. */
export async function removeDecision(
  id: string,
  flags: ChangeFlags & { readonly exemptFor?: string },
): Promise<void> {
  const { by = userName(), exemptFor, json } = flags
  const asked = { by, ...(exemptFor === undefined ? {} : { exempt_for: exemptFor }) }
  const parsed = removeRequest.safeParse(asked)
  if (!parsed.success) throw new ExitError(exitCodes.usage, safeText(issuesText(parsed.error), 1000))
  const path = `/decisions/${encodeURIComponent(id)}?${new URLSearchParams(asked)}`
  const answer = await controlRequest(dataDirOf(flags), { method: 'DELETE', path })
  if (answer) {
    print('taken back', recordOf(answer), json)
    return
  }
  const loaded = withoutResponder(flags)
  await requireState(loaded.config.data_dir)
  const exemptForMs = parsed.data.exempt_for ?? durationMs(loaded.config.response.exempt_for)
  const result = await withDirectExecutor(
    loaded,
    (decision) => decision.id === id,
    (executor) => executor.undoDecision(id, by, exemptForMs),
  )
  print('taken back', madeBy(result, exitCodes.refused), json)
}

function recordOf(answer: ControlResponse): DecisionRecord {
  if (answer.status < 300) return answer.body as DecisionRecord
  const { detail, rule } = problemOf(answer)
  const wrong = answer.status === 400 || answer.status === 422
  const code = wrong ? exitCodes.usage : answer.status >= 500 ? exitCodes.failed : exitCodes.refused
  throw refusal(code, detail, rule)
}

function madeBy(result: ManualResult, codeWithoutRule: number): DecisionRecord {
  if (result.ok) return decisionRecord(result.decision)
  throw refusal(result.rule === undefined ? codeWithoutRule : exitCodes.refused, result.detail, result.rule)
}

function refusal(code: number, detail: string, rule: string | undefined): ExitError {
  const text = safeText(detail, 1000)
  if (rule !== undefined) return new ExitError(code, `refused (${safeText(rule)}): ${text}`)
  const advice = code === exitCodes.refused ? '; picket decisions list shows what is' : ''
  return new ExitError(code, `${text}${advice}`)
}

function print(done: string, decision: DecisionRecord, json: boolean | undefined, note?: string): void {
  if (json) {
    stdout.write(`${jsonLine(decision)}\n`)
    return
  }
  const { id, scope, value, type, rate, until } = decision
  const what = [type, rate, scope, safeText(value, 300)].filter(Boolean).join(' ')
  const end = `${until.slice(0, 19).replace('T', ' ')} UTC`
  stdout.write(`${done}: ${what} until ${end}, id ${id}${note ? ` (${note})` : ''}\n`)
}

/** A container may run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}
