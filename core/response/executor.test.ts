import { describe, expect, it } from 'vitest'
import {
  deliver,
  expression,
  finding,
  findingEntity,
  minuteMs,
  nextFinding,
  pageStep,
  playbook,
  ResponderWorld,
  startOfWorld,
  step,
  throttleStep,
} from '../../test/contracts/responder-world.ts'

describe('executor', () => {
  it('contains and pages, with intent before result in the journal', async () => {
    const world = new ResponderWorld(playbook())
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
    const world = new ResponderWorld(playbook())
    const { executor } = await world.start()
    const failing = executor.accept([finding()], () => Promise.reject(new Error('disk full')))
    await expect(failing).rejects.toThrow('disk full')
    await executor.idle()
    expect([executor.runs(), world.sent]).toEqual([[], []])
  })

  it('renews for the next finding of the chain, and pages once', async () => {
    const world = new ResponderWorld(playbook())
    const responder = await world.start()
    await deliver(responder, finding())
    world.now += 10 * minuteMs
    await deliver(responder, nextFinding(10))
    expect(responder.executor.decisions()).toMatchObject([
      { from: startOfWorld, until: startOfWorld + 25 * minuteMs, finding: 'f-1' },
    ])
    expect(world.sent).toHaveLength(1)
  })

  it('tells the fresh finding that it acted on, where the chain began too long ago to be acted on', async () => {
    const world = new ResponderWorld(playbook({ steps: [throttleStep] }))
    const responder = await world.start()
    world.now += 14 * 60 * minuteMs
    await deliver(responder, finding())
    expect(responder.executor.decisions()).toEqual([])
    await deliver(responder, nextFinding(14 * 60 - 1))
    expect(responder.executor.decisions()).toMatchObject([
      { finding: 'f-1', reason: expect.stringMatching(/; by finding f-1\+839m$/) },
    ])
  })

  it('ignores findings of another lane or space', async () => {
    const world = new ResponderWorld(playbook())
    const responder = await world.start()
    await deliver(responder, finding({ lane: 'shadow' }), finding({ space: 'other' }))
    expect(responder.executor.runs()).toEqual([])
  })

  it('holds back what needs the final finding, and resumes it there', async () => {
    const revoke = step('revoke', 'revoke-token', { target: findingEntity })
    const world = new ResponderWorld(playbook({ accepts: 'provisional', steps: [revoke, throttleStep] }))
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
    const world = new ResponderWorld(playbook({ mode: 'dry_run' }))
    const responder = await world.start()
    await deliver(responder, finding())
    const [run] = responder.executor.runs()
    expect(run?.steps.map(({ status, rule }) => `${status} ${rule}`)).toEqual([
      'dry_run mode',
      'dry_run mode',
    ])
    expect((await responder.store.journal(run?.id ?? '')).map(({ kind }) => kind)).toEqual([
      'result',
      'result',
    ])
    expect([responder.executor.decisions(), world.sent]).toEqual([[], []])
  })

  it('skips by `when`, with the outcome of earlier steps in reach', async () => {
    const afterThrottle = expression<boolean>("steps['slow-down'].status == 'refused'", ({ steps }) => {
      return steps['slow-down']?.status === 'refused'
    })
    const world = new ResponderWorld(
      playbook({ steps: [throttleStep, { ...pageStep, when: afterThrottle }] }),
    )
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
    const world = new ResponderWorld(playbook({ steps: [{ ...throttleStep, ...over }, pageStep] }))
    const responder = await world.start()
    await deliver(responder, finding())
    const [failed, paged] = responder.executor.runs()[0]?.steps ?? []
    expect(failed).toMatchObject({ status: 'failed', detail: expect.stringMatching(detail) })
    expect(paged).toMatchObject({ status: 'applied' })
  })

  it('never enforces longer than the longest ttl', async () => {
    const world = new ResponderWorld(playbook({ steps: [{ ...throttleStep, ttlMs: 1e12 }] }))
    const responder = await world.start()
    await deliver(responder, finding())
    expect(responder.executor.decisions()[0]?.until).toBe(startOfWorld + 24 * 60 * minuteMs)
  })
})
