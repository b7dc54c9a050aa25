import type { Finding, Severity } from '../../core/detector/finding.ts'
import type { ActionRequest } from '../../core/response/action.ts'
import { plainText } from '../../core/response/plain-text.ts'
import { responseHash } from '../../core/response/run-id.ts'
import type { PageWith } from './page.ts'

/** PagerDuty's own limits: characters of `summary`, characters of `dedup_key`, bytes of the event. */
export const summaryLengthMax = 1024
export const dedupKeyLengthMax = 255
export const eventBytesMax = 512_000
/** Longest text of one evidence field, and how many of them a page shows. */
const detailLengthMax = 2000
const detailsMax = 64

const severityOf = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'info',
  info: 'info',
} as const satisfies Record<Severity, string>

export interface PageEvent {
  readonly request: ActionRequest<PageWith>
  readonly routingKey: string
  readonly source: string
}

/** One alert for an incident: all findings of a chain, and all playbooks that page for it, share the key. */
export function dedupKey({ space, lane, root }: Pick<Finding, 'space' | 'lane' | 'root'>): string {
  const key = `picket/${lane}/${space}/${root}`
  return key.length <= dedupKeyLengthMax ? key : `picket/${responseHash(lane, space, root)}`
}

/** The body that opens or updates the incident's alert. */
export function triggerBody({ request, routingKey, source }: PageEvent): string {
  const { finding, reason, playbook, run } = request
  const facts = {
    finding: finding.id,
    state: finding.state,
    entity: `${finding.entity.kind} ${inert(finding.entity.id)}`,
    score: String(finding.score),
    first: new Date(finding.first).toISOString(),
    last: new Date(finding.last).toISOString(),
    playbook,
    run,
  }
  const payload = {
    summary: inert(reason, summaryLengthMax),
    source,
    severity: request.with.severity ?? severityOf[finding.severity],
    timestamp: new Date(finding.last).toISOString(),
    component: finding.detector,
    group: finding.space,
    class: finding.detector,
    custom_details: { ...facts, ...evidenceText(finding.evidence) },
  }
  const event = {
    routing_key: routingKey,
    event_action: 'trigger',
    dedup_key: dedupKey(finding),
    client: 'Picket',
    payload,
  }
  const body = JSON.stringify(event)
  if (Buffer.byteLength(body) <= eventBytesMax) return body
  const note = 'left out, because the page would be longer than PagerDuty takes'
  return JSON.stringify({ ...event, payload: { ...payload, custom_details: { ...facts, evidence: note } } })
}

/** The body that closes it. */
export function resolveBody({ finding }: ActionRequest<PageWith>, routingKey: string): string {
  return JSON.stringify({
    routing_key: routingKey,
    event_action: 'resolve',
    dedup_key: dedupKey(finding),
  })
}

function evidenceText(evidence: Finding['evidence']): Record<string, string> {
  const shown = Object.entries(evidence).slice(0, detailsMax)
  return Object.fromEntries(
    shown.map(([name, value]) => {
      const text = typeof value === 'string' ? value : (JSON.stringify(value, plainValue) ?? '')
      return [`evidence.${inert(name, 80)}`, inert(text, detailLengthMax)]
    }),
  )
}

function plainValue(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? plainText(value, detailLengthMax) : value
}

/** One line that nobody can click: an attacker who writes a link into a path would reach the responder's browser. */
function inert(text: string, lengthMax = detailLengthMax): string {
  return plainText(text.slice(0, lengthMax * 2).replaceAll('://', '[:]//'), lengthMax)
}
