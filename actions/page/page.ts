import { z } from 'zod'
import type { HttpClient, HttpResult } from '../../core/ports/http-client.ts'
import { type Action, type ActionRequest, defineAction, type Outcome } from '../../core/response/action.ts'
import { plainText } from '../../core/response/plain-text.ts'
import { dedupKey, resolveBody, triggerBody } from './pagerduty-event.ts'

const pageWith = z.strictObject({
  severity: z
    .enum(['critical', 'error', 'warning', 'info'])
    .optional()
    .describe("PagerDuty's severity; by default it follows the finding's."),
})
export type PageWith = z.output<typeof pageWith>

export interface PageConfig {
  readonly http: HttpClient
  /** Integration key of a PagerDuty service: the secret itself. It is never part of a reason or an error. */
  readonly routingKey: string
  /** Where events go; another receiver for tests and for the EU service region. */
  readonly url?: string
  /** What PagerDuty shows as the source of the alert; default `picket`. */
  readonly source?: string
  readonly timeoutMs?: number
}

export const pagerDutyUrl = 'https://events.pagerduty.com/v2/enqueue'

/** PagerDuty takes about 120 events a minute for each key and advises tries 30 s apart. */
const rateLimitedAfterMs = 30_000
const unavailableAfterMs = 15_000
const retryAfterMaxMs = 5 * 60_000

/**
 * Pages a responder through PagerDuty's Events API v2. One incident has one `dedup_key`, so repeats update the open
 * alert instead of ringing again. Undo resolves it.
 */
export function createPage(config: PageConfig): Action<PageWith> {
  const { routingKey, source = 'picket' } = config
  return defineAction<PageWith>({
    id: 'page',
    summary: 'Pages a responder through PagerDuty, once for each incident.',
    targets: [],
    with: pageWith,
    effect: 'keyed',
    enforces: false,
    reversible: true,
    acceptsProvisional: true,
    async apply(request, signal) {
      const body = triggerBody({ request, routingKey, source })
      return outcomeOf(await send(config, body, signal), request, routingKey)
    },
    async verify() {
      // The Events API can't be asked what it holds; the key makes a repeat harmless instead.
      return 'unknown'
    },
    async undo(request, signal) {
      return outcomeOf(await send(config, resolveBody(request, routingKey), signal), request, routingKey)
    },
  })
}

function send({ http, url, timeoutMs }: PageConfig, body: string, signal: AbortSignal): Promise<HttpResult> {
  return http.send(
    {
      method: 'POST',
      url: url ?? pagerDutyUrl,
      headers: { 'content-type': 'application/json' },
      body,
      timeoutMs: timeoutMs ?? 10_000,
    },
    signal,
  )
}

/** 202 took it; 400 and other refusals stay refusals; 429, 5xx and no connection come again. */
function outcomeOf(result: HttpResult, request: ActionRequest<PageWith>, routingKey: string): Outcome {
  if (result.kind === 'unknown') return { status: 'unknown', why: `PagerDuty: ${result.why}` }
  if (result.kind === 'refused')
    return { status: 'refused', reason: `PagerDuty was not asked: ${result.why}` }
  if (result.kind === 'unreachable') {
    return { status: 'retry', afterMs: unavailableAfterMs, why: `PagerDuty is unreachable: ${result.why}` }
  }
  const { status, headers } = result
  if (status >= 200 && status < 300)
    return { status: 'applied', receipt: `dedup key ${dedupKey(request.finding)}` }
  const answer = plainText(result.body.replaceAll(routingKey, '***'), 200)
  const why = `PagerDuty answered ${status}${answer === '' ? '' : `: ${answer}`}`
  if (status === 429) return { status: 'retry', afterMs: retryAfterMs(headers) ?? rateLimitedAfterMs, why }
  if (status >= 500) return { status: 'retry', afterMs: retryAfterMs(headers) ?? unavailableAfterMs, why }
  return { status: 'refused', reason: why }
}

/** `Retry-After` in seconds (RFC 9110 section 10.2.3), within bounds. */
function retryAfterMs(headers: Readonly<Record<string, string>>): number | undefined {
  const seconds = headers['retry-after']
  if (seconds === undefined || !/^\d{1,6}$/.test(seconds)) return undefined
  return Math.min(Number(seconds) * 1000, retryAfterMaxMs)
}
