import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  accepted,
  deliver,
  finding,
  pageStep,
  playbook,
  ResponderWorld,
  startOfWorld,
  step,
  throttleStep,
} from '../../test/contracts/responder-world.ts'
import type { HttpResult } from '../ports/http-client.ts'

describe('executor: retries', () => {
  const busy: HttpResult = { kind: 'response', status: 429, headers: { 'retry-after': '7' }, body: '' }

  it('waits as long as the receiver asks, then succeeds', async () => {
    const world = new ResponderWorld(playbook({ steps: [pageStep] }))
    world.answer = async () => (world.sent.length < 3 ? busy : accepted)
    const responder = await world.start()
    await deliver(responder, finding())
    expect(world.slept).toEqual([7000, 7000])
    expect(responder.executor.runs()[0]?.steps[0]).toMatchObject({ status: 'applied' })
  })

  it('gives up after a number of attempts, and says so', async () => {
    const world = new ResponderWorld(playbook({ steps: [pageStep] }))
    world.answer = async () => busy
    const responder = await world.start()
    await deliver(responder, finding())
    expect(world.sent).toHaveLength(8)
    const detail = 'attempt 8 of 8: PagerDuty answered 429'
    expect(responder.executor.runs()[0]?.steps[0]).toMatchObject({ status: 'failed', detail })
  })

  it('asks the checks again before each further attempt', async () => {
    const world = new ResponderWorld(playbook({ steps: [pageStep] }))
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
    const world = new ResponderWorld(playbook({ steps: [pageStep] }))
    world.answer = async () => ({ kind: 'unknown', why: 'no answer' })
    const responder = await world.start()
    await deliver(responder, finding())
    expect(responder.executor.runs()[0]?.steps[0]).toMatchObject({ status: 'unknown' })
  })

  it('counts an action that throws or hangs as unknown, and asks it', async () => {
    const world = new ResponderWorld(playbook({ steps: [step('odd', 'odd')] }))
    let calls = 0
    world.moreActions.set('odd', {
      id: 'odd',
      summary: 'Hangs, then throws, and did it at the second time.',
      targets: [],
      with: z.strictObject({}),
      effect: 'verifiable',
      enforces: false,
      reversible: true,
      acceptsProvisional: false,
      apply: () => {
        calls += 1
        return calls === 1 ? new Promise(() => {}) : Promise.reject(new Error('lost'))
      },
      verify: async () => (calls < 2 ? 'absent' : 'present'),
      undo: async () => ({ status: 'applied' }),
    })
    world.timeout = () => AbortSignal.timeout(5)
    const responder = await world.start()
    await deliver(responder, finding())
    expect(calls).toBe(2)
    const detail = 'verified after: lost'
    expect(responder.executor.runs()[0]?.steps[0]).toMatchObject({ status: 'applied', detail })
  })

  it('enforces for others while one page waits, and lets a finding join meanwhile', async () => {
    const world = new ResponderWorld(playbook({ steps: [pageStep, throttleStep] }))
    let answer = (_: HttpResult) => {}
    world.answer = () =>
      new Promise((resolve) => {
        answer = resolve
      })
    const { executor, store } = await world.start()
    await executor.accept([finding()], (runs) => store.commit({ runs }))
    world.playbooks.set('contain', playbook({ steps: [throttleStep] }))
    const other = finding({ id: 'g-1', root: 'g-1', entity: { kind: 'ip', id: '203.0.113.8' } })
    await executor.accept([other], (runs) => store.commit({ runs }))
    await expect.poll(() => world.table.list().map(({ value }) => value)).toEqual(['203.0.113.8'])
    world.playbooks.set('contain', playbook({ steps: [pageStep, throttleStep] }))
    const joining = finding({ id: 'f-2', root: 'f-1', continues: 'f-1', last: startOfWorld })
    await executor.accept([joining], (runs) => store.commit({ runs }))
    answer(accepted)
    await executor.idle()
    const [run] = executor.runs().filter(({ finding: { root } }) => root === 'f-1')
    expect(run).toMatchObject({ finding: { id: 'f-2' }, state: 'done' })
    expect(run?.steps.map(({ status }) => status)).toEqual(['applied', 'applied'])
    expect(world.sent).toHaveLength(1)
  })

  it('makes no decision when a person engaged the kill switch while it was being made', async () => {
    const world = new ResponderWorld(playbook({ steps: [throttleStep] }))
    const { executor, store, actions } = await world.start()
    const throttle = actions.get('throttle')
    if (!throttle) throw new Error('no throttle')
    const slow = {
      ...throttle,
      apply: async (...args: Parameters<typeof throttle.apply>) => {
        world.switches.set('global', 'Ada')
        return throttle.apply(...args)
      },
    }
    executor.reload(world.settings(new Map([...actions, ['throttle', slow]])))
    await deliver({ executor, store }, finding())
    expect(executor.runs()[0]?.steps[0]).toMatchObject({ status: 'refused', rule: 'kill_switch' })
    expect(world.table.list()).toEqual([])
  })

  it('stops for good when its state can’t be committed, and still lets gateways go', async () => {
    const world = new ResponderWorld(playbook({ steps: [throttleStep] }))
    let isFull = false
    const { executor, store } = await world.start({
      store: (inner) =>
        new Proxy(inner, {
          get: (target, name) => {
            if (name === 'commit' && isFull) return () => Promise.reject(new Error('disk full'))
            const value = Reflect.get(target, name)
            return typeof value === 'function' ? value.bind(target) : value
          },
        }),
    })
    await deliver({ executor, store }, finding())
    isFull = true
    const other = finding({ id: 'g-1', root: 'g-1' })
    await executor.accept([other], async () => {})
    await expect(executor.idle()).rejects.toThrow(/response has stopped/)
    await expect(executor.accept([other], async () => {})).rejects.toThrow(/response has stopped/)
    expect(world.table.list()).toHaveLength(1)
    world.switches.set('global', 'file')
    await expect(executor.reconcile()).rejects.toThrow(/response has stopped/)
    expect(world.table.list()).toEqual([])
  })

  it('leaves a waiting step to the next process when it is stopped', async () => {
    const world = new ResponderWorld(playbook({ steps: [pageStep] }))
    world.answer = async () => (world.sent.length === 1 ? busy : accepted)
    const { executor, store } = await world.start()
    world.sleep = async () => void executor.stop()
    await executor.accept([finding()], (runs) => store.commit({ runs }))
    await expect.poll(() => world.sent.length).toBe(1)
    await executor.stop()
    expect(executor.runs()[0]).toMatchObject({ state: 'pending' })
    const next = await world.start()
    await next.executor.idle()
    expect(world.sent).toHaveLength(2)
    expect(next.executor.runs()[0]).toMatchObject({ state: 'done' })
  })

  it('lets many steps wait at once without a warning, and wakes them all when it stops', async () => {
    const world = new ResponderWorld(playbook({ steps: [pageStep] }))
    world.answer = async () => busy
    let waiting = 0
    world.sleep = async (_ms, signal) => {
      waiting += 1
      await sleep(60_000, undefined, { signal }).catch(() => {})
      waiting -= 1
    }
    const warnings: Error[] = []
    const warned = (warning: Error) => warnings.push(warning)
    process.on('warning', warned)
    const { executor, store } = await world.start()
    const findings = Array.from({ length: 20 }, (_, index) =>
      finding({ id: `f-${index}`, root: `f-${index}` }),
    )
    await executor.accept(findings, (runs) => store.commit({ runs }))
    await expect.poll(() => waiting).toBe(20)
    await executor.stop()
    await setImmediate()
    process.off('warning', warned)
    expect([waiting, warnings]).toEqual([0, []])
  })

  it('ends a run whose playbook is gone, and answers its open intent', async () => {
    const world = new ResponderWorld(playbook({ steps: [pageStep] }))
    world.answer = async () => busy
    const { executor, store } = await world.start()
    world.sleep = async () => void executor.stop()
    await executor.accept([finding()], (runs) => store.commit({ runs }))
    await executor.stop()
    world.playbooks.clear()
    const next = await world.start()
    await next.executor.idle()
    const [run] = next.executor.runs()
    expect(run).toMatchObject({ state: 'done', steps: [{ status: 'skipped' }] })
    expect((await next.store.journal(run?.id ?? '')).at(-1)).toMatchObject({
      kind: 'result',
      status: 'unknown',
    })
    expect((await next.store.restore()).openIntents).toEqual([])
  })
})
