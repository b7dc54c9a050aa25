import { describe, expect, it } from 'vitest'
import type { HttpRequest, HttpResult } from '../../core/ports/http-client.ts'
import { requestFor, runActionContract } from '../../test/contracts/action-contract.ts'
import { accepted, finding } from '../../test/contracts/responder-world.ts'
import { createPage } from './page.ts'
import { dedupKey, eventBytesMax } from './pagerduty-event.ts'

const routingKey = 'k'.repeat(32)
const { signal } = new AbortController()

function pageThat(answer: HttpResult) {
  const sent: HttpRequest[] = []
  const http = {
    send: async (request: HttpRequest) => {
      sent.push(request)
      return answer
    },
  }
  const action = createPage({ http, routingKey })
  const body = (index = 0) => JSON.parse(sent[index]?.body ?? '{}')
  return { action, sent, body, request: requestFor(action, { with: {}, target: undefined }) }
}

runActionContract('page', {
  create: () => {
    const { action, sent } = pageThat(accepted)
    return { action, effects: () => sent.map(({ body }) => body ?? '') }
  },
  with: { severity: 'critical' },
  invalidWith: [{ severity: 'urgent' }, { routing_key: routingKey }],
  target: undefined,
})

describe('page', () => {
  it('sends an event of the Events API v2', async () => {
    const { action, request, sent, body } = pageThat(accepted)
    await action.apply(request, signal)
    expect(sent[0]).toMatchObject({ method: 'POST', url: 'https://events.pagerduty.com/v2/enqueue' })
    expect(body()).toMatchObject({
      routing_key: routingKey,
      event_action: 'trigger',
      dedup_key: 'picket/live/default/f-1',
      payload: {
        summary: 'credential-stuffing: ip 203.0.113.7, high, score 0.9',
        source: 'picket',
        severity: 'error',
        timestamp: '2026-10-31T23:59:00.000Z',
        custom_details: { entity: 'ip 203.0.113.7', 'evidence.accounts_tried': '40' },
      },
    })
  })

  it('leaves the key that it sent in the journal', async () => {
    const { action, request, body } = pageThat(accepted)
    const outcome = await action.apply(request, signal)
    expect(outcome).toMatchObject({ status: 'applied', receipt: `dedup key ${body().dedup_key}` })
  })

  it('resolves the same alert', async () => {
    const { action, request, body } = pageThat(accepted)
    await action.undo(request, signal)
    const expected = {
      routing_key: routingKey,
      event_action: 'resolve',
      dedup_key: 'picket/live/default/f-1',
    }
    expect(body()).toEqual(expected)
  })

  const response = (status: number, headers = {}, body = '') =>
    ({ kind: 'response', status, headers, body }) as const
  it.each([
    [response(202), { status: 'applied' }],
    [
      response(400, {}, '{"message":"bad"}'),
      { status: 'refused', reason: 'PagerDuty answered 400: {"message":"bad"}' },
    ],
    [response(302), { status: 'refused' }],
    [response(429), { status: 'retry', afterMs: 30_000 }],
    [response(429, { 'retry-after': '7' }), { status: 'retry', afterMs: 7000 }],
    [response(503, { 'retry-after': '999999' }), { status: 'retry', afterMs: 300_000 }],
    [response(500, { 'retry-after': 'Sun, 01 Nov' }), { status: 'retry', afterMs: 15_000 }],
    [{ kind: 'unreachable', why: 'ECONNREFUSED' } as const, { status: 'retry', afterMs: 15_000 }],
    [{ kind: 'unknown', why: 'no answer' } as const, { status: 'unknown' }],
    [{ kind: 'refused', why: 'not in the list' } as const, { status: 'refused' }],
  ])('turns %o into %o', async (result, outcome) => {
    const { action, request } = pageThat(result)
    expect(await action.apply(request, signal)).toMatchObject(outcome)
  })

  it('keeps the routing key out of reasons, also when the receiver repeats it', async () => {
    const { action, request } = pageThat(response(400, {}, `bad key ${routingKey}`))
    expect(JSON.stringify(await action.apply(request, signal))).not.toContain(routingKey)
  })

  it('stays within the limits of PagerDuty', async () => {
    const { action, request, body, sent } = pageThat(accepted)
    const evidence = Object.fromEntries(
      Array.from({ length: 5000 }, (_, i) => [`field-${i}`, '"\\'.repeat(9000)]),
    )
    const space = 's'.repeat(400)
    await action.apply(
      { ...request, reason: '😀'.repeat(2000), finding: finding({ evidence, space }) },
      signal,
    )
    expect(Buffer.byteLength(sent[0]?.body ?? '')).toBeLessThanOrEqual(eventBytesMax)
    expect(body().payload.summary.length).toBeLessThanOrEqual(1024)
    expect(body().payload.summary.isWellFormed()).toBe(true)
    expect(body().dedup_key.length).toBeLessThanOrEqual(255)
  })

  it('shows links that nobody can click', async () => {
    const { action, request, sent } = pageThat(accepted)
    await action.apply(
      { ...request, finding: finding({ evidence: { path: 'see https://evil.example/x' } }) },
      signal,
    )
    expect(sent[0]?.body).not.toContain('://')
  })

  it('has one alert for a chain of findings, and others for other lanes, spaces and chains', () => {
    const root = finding()
    expect(dedupKey(finding({ id: 'f-2', root: 'f-1', continues: 'f-1' }))).toBe(dedupKey(root))
    for (const other of [{ lane: 'exercise' }, { space: 'b' }, { root: 'f-9' }] as const) {
      expect(dedupKey(finding(other))).not.toBe(dedupKey(root))
    }
  })
})
