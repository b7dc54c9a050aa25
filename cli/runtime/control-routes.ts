import type { z } from 'zod'
import type { Baseline } from '../../core/baseline/baseline.ts'
import { serializeBaseline } from '../../core/baseline/baseline-codec.ts'
import type { Executor } from '../../core/response/executor.ts'
import type { ManualResult } from '../../core/response/manual.ts'
import type { RefusalRule } from '../../core/response/run.ts'
import { AnalyticsError } from '../../storage/clickhouse/analytics-error.ts'
import { decisionRecord } from '../render/decision-line.ts'
import { NoHistory } from './baseline-build.ts'
import {
  addRequest,
  type BaselineRequest,
  baselineRequest,
  issuesText,
  removeRequest,
} from './control-requests.ts'
import { picketVersion } from './shipped.ts'

/** What the control socket acts on. */
export interface ControlParts {
  readonly executor: Pick<Executor, 'addDecision' | 'undoDecision' | 'decisions'>
  /** How long a person's undo keeps the machine away, when the request doesn't say; 24 h when absent. */
  readonly exemptForMs?: number
  /** Cuts a baseline where the embedded engine is open; absent when no history is kept. */
  readonly buildBaseline?: (request: BaselineRequest) => Promise<Baseline>
}

/** An answer other than success. The message is for a person. */
export class Problem extends Error {
  readonly status: number
  readonly rule: RefusalRule | undefined

  constructor(status: number, detail: string, rule?: RefusalRule) {
    super(detail)
    this.status = status
    this.rule = rule
  }
}

export interface ControlAnswer {
  readonly status: number
  /** JSON. */
  readonly content: string
}

const exemptForDefaultMs = 24 * 3_600_000

/** Does what a request asks. Rejects with a `Problem`. */
export async function respond(
  parts: ControlParts,
  method: string,
  target: string,
  body: string,
): Promise<ControlAnswer> {
  const [path = '', query = ''] = target.split('?', 2)
  if (path === '/status' && method === 'GET') return statusOf(parts)
  if (path === '/decisions' && method === 'POST') return add(parts, parsed(addRequest, jsonOf(body)))
  if (path === '/baseline' && method === 'POST') return baseline(parts, parsed(baselineRequest, jsonOf(body)))
  const id = /^\/decisions\/([^/]+)$/.exec(path)?.[1]
  if (id !== undefined && method === 'DELETE') {
    const asked = parsed(removeRequest, Object.fromEntries(new URLSearchParams(query)))
    return remove(parts, decoded(id), asked)
  }
  throw new Problem(
    404,
    `there is no ${method} ${path}; there are GET /status, POST /decisions, DELETE /decisions/{id} and POST /baseline`,
  )
}

function statusOf({ executor, buildBaseline }: ControlParts): ControlAnswer {
  const decisions = executor.decisions().length
  const baseline = buildBaseline !== undefined
  return {
    status: 200,
    content: JSON.stringify({ picket: picketVersion, pid: process.pid, decisions, baseline }),
  }
}

async function add({ executor }: ControlParts, request: z.output<typeof addRequest>): Promise<ControlAnswer> {
  const result = await alive(() => executor.addDecision(request))
  if (!result.ok) throw new Problem(result.rule === undefined ? 422 : 409, result.detail, result.rule)
  return { status: 201, content: JSON.stringify(decisionRecord(result.decision)) }
}

async function remove(
  { executor, exemptForMs = exemptForDefaultMs }: ControlParts,
  id: string,
  { by, exempt_for }: z.output<typeof removeRequest>,
): Promise<ControlAnswer> {
  const isHeld = executor.decisions().some((decision) => decision.id === id)
  const result = await alive(() => executor.undoDecision(id, by, exempt_for ?? exemptForMs))
  if (!result.ok) throw new Problem(isHeld ? 503 : 404, result.detail, result.rule)
  return { status: 200, content: JSON.stringify(decisionRecord(result.decision)) }
}

async function baseline({ buildBaseline }: ControlParts, request: BaselineRequest): Promise<ControlAnswer> {
  if (!buildBaseline)
    throw new Problem(501, 'this picket run keeps no history: see clickhouse in picket.yaml')
  try {
    return { status: 200, content: serializeBaseline(await buildBaseline(request)) }
  } catch (error) {
    if (error instanceof NoHistory) throw new Problem(409, error.message)
    if (error instanceof AnalyticsError) throw new Problem(503, error.message)
    throw error
  }
}

/** An executor whose state could not be committed rejects everything. */
async function alive(call: () => Promise<ManualResult>): Promise<ManualResult> {
  try {
    return await call()
  } catch (error) {
    throw new Problem(503, error instanceof Error ? error.message : String(error))
  }
}

function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new Problem(400, issuesText(result.error))
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new Problem(400, 'the body is not JSON')
  }
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    throw new Problem(400, 'the id in the path is not percent-encoded text')
  }
}
