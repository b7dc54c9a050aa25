import { describe, expect, it } from 'vitest'
import type { HttpResult } from '../../core/ports/http-client.ts'
import {
  accepted,
  deliver,
  expression,
  finding,
  findingEntity,
  minuteMs,
  pageStep,
  playbook,
  ResponderWorld,
  startOfWorld,
  step,
  throttleStep,
} from '../../test/contracts/responder-world.ts'
import { createProtectedSet } from './protected-set.ts'

function worldWith(...playbooks: ReturnType<typeof playbook>[]) {
  const world = new ResponderWorld()
  for (const one of playbooks) world.playbooks.set(one.id, one)
  return world
}

const next = (minutes: number) =>
  finding({ id: `f-1+${minutes}m`, continues: 'f-1', root: 'f-1', last: startOfWorld + minutes * minuteMs })

describe('executor', () => {
  it('contains and pages, with intent before result in the journal', async () => {
    const world = worldWith(playbook())
    const responder = await world.start()
    await deliver(responder, finding())
    const [decision] = responder.executor.decisions()
    expect(decision).toMatchObject({
      scope: 'ip',
      value: '203.0.113.7',
      type: 'throttle',
      rate: { count: 5, perMs: minuteMs },
      until: startOfWorld + 15 * minuteMs,
      reason: 'credential-stuffing: ip 203.0.113.7, high, score 0.9',
      finding: 'f-1',
      by: 'playbook:contain',
    })
    expect(world.table.list()).toEqual([decision])
    expect(await responder.store.decisions()).toEqual([decision])
    const journal = await responder.store.journal(decision?.run ?? '')
    expect(journal.map(({ kind, step: id }) => `${kind} ${id}`)).toEqual([
      'intent slow-down',
      'result slow-down',
      'intent page',
      'result page',
    ])
    expect(world.sent).toHaveLength(1)
    expect(responder.executor.runs()).toMatchObject([{ state: 'done' }])
  })

  it('starts nothing when the transaction with the finding fails', async () => {
    const world = worldWith(playbook())
    const { executor } = await world.start()
    const failing = executor.accept([finding()], () => Promise.reject(new Error('disk full')))
    await expect(failing).rejects.toThrow('disk full')
    await executor.idle()
    expect([executor.runs(), world.sent]).toEqual([[], []])
  })

  it('renews for the next finding of the chain, and pages once', async () => {
    const world = worldWith(playbook())
    const responder = await world.start()
    await deliver(responder, finding())
    world.now += 10 * minuteMs
    await deliver(responder, next(10))
    expect(responder.executor.decisions()).toMatchObject([
      { from: startOfWorld, until: startOfWorld + 25 * minuteMs, finding: 'f-1' },
    ])
    expect(world.sent).toHaveLength(1)
  })

  it('ignores findings of another lane or space', async () => {
    const world = worldWith(playbook())
    const responder = await world.start()
    await deliver(responder, finding({ lane: 'shadow' }), finding({ space: 'other' }))
    expect(responder.executor.runs()).toEqual([])
  })

  it('holds back what needs the final finding, and resumes it there', async () => {
    const revoke = step('revoke', 'revoke-token', { target: findingEntity })
    const world = worldWith(playbook({ accepts: 'provisional', steps: [revoke, throttleStep] }))
    const responder = await world.start()
    const entity = { kind: 'principal', id: 'mallory' } as const
    await deliver(responder, finding({ state: 'provisional', entity }))
    expect(responder.executor.decisions().map(({ type }) => type)).toEqual(['throttle'])
    expect(responder.executor.runs()[0]).toMatchObject({ state: 'pending' })
    await deliver(responder, finding({ entity }))
    expect(responder.executor.decisions().map(({ type }) => type)).toEqual(['throttle', 'revoke'])
    expect(responder.executor.runs()[0]).toMatchObject({ state: 'done' })
  })

  it('plans and journals a dry run, and does nothing', async () => {
    const world = worldWith(playbook({ mode: 'dry_run' }))
    const responder = await world.start()
    await deliver(responder, finding())
    const [run] = responder.executor.runs()
    expect(run?.steps.map(({ status, rule }) => `${status} ${rule}`)).toEqual([
      'dry_run mode',
      'dry_run mode',
    ])
    expect((await responder.store.journal(run?.id ?? '')).map(({ kind }) => kind)).toEqual(['result', 'result'])
    expect([responder.executor.decisions(), world.sent]).toEqual([[], []])
  })

  it('skips by `when`, with the outcome of earlier steps in reach', async () => {
    const afterThrottle = expression<boolean>("steps['slow-down'].status == 'refused'", ({ steps }) => {
      return steps['slow-down']?.status === 'refused'
    })
    const world = worldWith(playbook({ steps: [throttleStep, { ...pageStep, when: afterThrottle }] }))
    const responder = await world.start()
    await deliver(responder, finding())
    expect(responder.executor.runs()[0]?.steps[1]).toMatchObject({ status: 'skipped' })
    expect(world.sent).toEqual([])
  })

  it.each([
    [
      'a broken expression',
      {
        target: expression('x', () => {
          throw new Error('no key')
        }),
      },
      /no key/,
    ],
    ['no entity', { target: expression('x', () => null as never) }, /gave no entity/],
    [
      'an id that is not canonical',
      { target: expression('x', () => ({ kind: 'ip', id: '203.0.113.007' }) as const) },
      /canonical/,
    ],
    ['options that do not fit', { with: { rate: 'fast' } }, /rate/],
  ] as const)('fails a step with %s and goes on', async (_name, over, detail) => {
    const world = worldWith(playbook({ steps: [{ ...throttleStep, ...over }, pageStep] }))
    const responder = await world.start()
    await deliver(responder, finding())
    const [failed, paged] = responder.executor.runs()[0]?.steps ?? []
    expect(failed).toMatchObject({ status: 'failed', detail: expect.stringMatching(detail) })
    expect(paged).toMatchObject({ status: 'applied' })
  })

  it('never enforces longer than the longest ttl', async () => {
    const world = worldWith(playbook({ steps: [{ ...throttleStep, ttlMs: 1e12 }] }))
    const responder = await world.start()
    await deliver(responder, finding())
    expect(responder.executor.decisions()[0]?.until).toBe(startOfWorld + 24 * 60 * minuteMs)
  })
})

describe('executor: retries', () => {
  const busy: HttpResult = { kind: 'response', status: 429, headers: { 'retry-after': '7' }, body: '' }

  it('waits as long as the receiver asks, then succeeds', async () => {
    const world = worldWith(playbook({ steps: [pageStep] }))
    world.answer = async () => (world.sent.length < 3 ? busy : accepted)
    const responder = await world.start()
    await deliver(responder, finding())
    expect(world.slept).toEqual([7000, 7000])
    expect(responder.executor.runs()[0]?.steps[0]).toMatchObject({ status: 'applied' })
  })

  it('gives up after a number of attempts, and says so', async () => {
    const world = worldWith(playbook({ steps: [pageStep] }))
    world.answer = async () => busy
    const responder = await world.start()
    await deliver(responder, finding())
    expect(world.sent).toHaveLength(8)
    const detail = 'attempt 8 of 8: PagerDuty answered 429'
    expect(responder.executor.runs()[0]?.steps[0]).toMatchObject({ status: 'failed', detail })
  })

  it('asks the checks again before each further attempt', async () => {
    const world = worldWith(playbook({ steps: [pageStep] }))
    world.answer = async () => {
      world.switches.set('connector:page', 'storm')
      return busy
    }
    const responder = await world.start()
    await deliver(responder, finding())
    expect(world.sent).toHaveLength(1)
    expect(responder.executor.runs()[0]?.steps[0]).toMatchObject({ status: 'refused', rule: 'kill_switch' })
  })

  it('leaves the doubt in the record when the last answer was lost', async () => {
    const world = worldWith(playbook({ steps: [pageStep] }))
    world.answer = async () => ({ kind: 'unknown', why: 'no answer' })
    const responder = await world.start()
    await deliver(responder, finding())
    expect(responder.executor.runs()[0]?.steps[0]).toMatchObject({ status: 'unknown' })
  })

  it('stops for good when its state can’t be committed, and still lets gateways go', async () => {
    const world = worldWith(playbook({ steps: [throttleStep] }))
    const { executor, store } = await world.start()
    await deliver({ executor, store }, finding())
    await world.start()
    const old = executor.accept([finding({ id: 'f-9', root: 'f-9' })], (runs) => store.commit({ runs }))
    await expect(old).rejects.toThrow(/opened again/)
  })
})

describe('executor: reconcile and people', () => {
  it('expires decisions, and journals it', async () => {
    const world = worldWith(playbook({ steps: [throttleStep] }))
    const responder = await world.start()
    await deliver(responder, finding())
    const run = responder.executor.runs()[0]?.id ?? ''
    world.now += 15 * minuteMs - 1
    await responder.executor.reconcile()
    expect(world.table.list()).toHaveLength(1)
    world.now += 1
    await responder.executor.reconcile()
    expect([world.table.list(), await responder.store.decisions()]).toEqual([[], []])
    expect((await responder.store.journal(run)).at(-1)).toMatchObject({ kind: 'expired', detail: 'its end has come' })
  })

  it.each(['global', 'connector:throttle', 'playbook:contain'])(
    'takes back by the kill switch %s',
    async (name) => {
      const world = worldWith(playbook({ steps: [throttleStep] }))
      const responder = await world.start()
      await deliver(responder, finding())
      world.switches.set(name, 'Ada')
      await responder.executor.reconcile()
      expect([world.table.list(), await responder.store.decisions()]).toEqual([[], []])
      expect(responder.executor.runs()[0]?.steps[0]).toMatchObject({ status: 'refused', rule: 'kill_switch' })
      world.switches.clear()
      await deliver(responder, next(1))
      expect(world.table.list()).toHaveLength(1)
    },
  )

  it('takes back when the entity has become protected', async () => {
    const world = worldWith(playbook({ steps: [throttleStep] }))
    const responder = await world.start()
    await deliver(responder, finding())
    world.protectedSet = createProtectedSet({ ips: ['203.0.113.0/24'] })
    responder.executor.reload(world.settings(responder.actions))
    await responder.executor.reconcile()
    expect(world.table.list()).toEqual([])
  })

  it('does not enforce after a restart what must not be enforced by then', async () => {
    const world = worldWith(playbook({ steps: [throttleStep] }))
    await deliver(await world.start(), finding())
    world.switches.set('global', 'file')
    await world.start()
    expect(world.table.list()).toEqual([])
  })

  it('exempts entity and detector after a person took a decision back, for a while', async () => {
    const world = worldWith(playbook({ steps: [throttleStep] }))
    const responder = await world.start()
    await deliver(responder, finding())
    const id = responder.executor.decisions()[0]?.id ?? ''
    expect(await responder.executor.undoDecision(id, 'Ada', 30 * minuteMs)).toMatchObject({ ok: true })
    expect(world.table.list()).toEqual([])
    await deliver(responder, next(1))
    expect(responder.executor.runs()[0]?.steps[0]).toMatchObject({ status: 'refused', rule: 'exempt' })
    const other = finding({ id: 'g-1', root: 'g-1', detector: 'sequential-enumeration' })
    await deliver(responder, other)
    expect(world.table.list()).toMatchObject([{ finding: 'g-1' }])
    const again = await world.start()
    world.now += 30 * minuteMs
    await deliver(again, next(30))
    expect(world.table.list().map((decision) => decision.finding)).toContain('f-1')
    expect(await again.executor.undoDecision('nothing', 'Ada', 1)).toMatchObject({ ok: false })
  })

  it('lets a person enforce within the same protection', async () => {
    const world = worldWith()
    const { executor } = await world.start()
    const request = {
      scope: 'ip',
      value: '203.0.113.9:443',
      type: 'deny',
      ttlMs: minuteMs,
      reason: 'seen',
      by: 'Ada',
    } as const
    const first = await executor.addDecision(request)
    expect(first).toMatchObject({ ok: true, decision: { value: '203.0.113.9', by: 'person:Ada' } })
    world.now += 1000
    await executor.addDecision(request)
    expect(world.table.list()).toMatchObject([{ from: startOfWorld, until: startOfWorld + 1000 + minuteMs }])
    for (const [over, rule] of [
      [{ value: '10.0.0.1' }, 'protected'],
      [{ value: 'example.org' }, undefined],
      [{ ttlMs: 0 }, undefined],
      [{ ttlMs: Number.NaN }, undefined],
      [{ type: 'throttle' }, undefined],
      [{ scope: 'service', value: 'x' }, undefined],
    ] as const) {
      const refused = await executor.addDecision({ ...request, ...over })
      expect(refused).toMatchObject({ ok: false, detail: expect.any(String) })
      expect('rule' in refused ? refused.rule : undefined).toBe(rule)
    }
    world.switches.set('global', 'file')
    expect(await executor.addDecision(request)).toMatchObject({ ok: false, rule: 'kill_switch' })
  })
})
