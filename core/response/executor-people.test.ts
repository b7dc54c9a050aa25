import { describe, expect, it } from 'vitest'
import {
  deliver,
  finding,
  minuteMs,
  nextFinding,
  playbook,
  ResponderWorld,
  startOfWorld,
  throttleStep,
} from '../../test/contracts/responder-world.ts'
import { createProtectedSet } from './protected-set.ts'
import { isTakenBack } from './run.ts'

describe('executor: reconcile and people', () => {
  it('expires decisions, and journals it', async () => {
    const world = new ResponderWorld(playbook({ steps: [throttleStep] }))
    const responder = await world.start()
    await deliver(responder, finding())
    const run = responder.executor.runs()[0]?.id ?? ''
    world.now += 15 * minuteMs - 1
    await responder.executor.reconcile()
    expect(world.table.list()).toHaveLength(1)
    world.now += 1
    await responder.executor.reconcile()
    expect([world.table.list(), await responder.store.decisions()]).toEqual([[], []])
    expect((await responder.store.journal(run)).at(-1)).toMatchObject({
      kind: 'expired',
      detail: 'its end has come',
    })
  })

  it.each(['global', 'connector:throttle', 'playbook:contain'])(
    'takes back by the kill switch %s',
    async (name) => {
      const world = new ResponderWorld(playbook({ steps: [throttleStep] }))
      const responder = await world.start()
      await deliver(responder, finding())
      world.switches.set(name, 'Ada')
      await responder.executor.reconcile()
      expect([world.table.list(), await responder.store.decisions()]).toEqual([[], []])
      const [step] = responder.executor.runs()[0]?.steps ?? []
      expect(step).toMatchObject({ status: 'refused', rule: 'kill_switch' })
      expect(step && isTakenBack(step)).toBe(true)
      world.switches.clear()
      await deliver(responder, nextFinding(1))
      expect(world.table.list()).toHaveLength(1)
    },
  )

  it('takes back when the entity has become protected', async () => {
    const world = new ResponderWorld(playbook({ steps: [throttleStep] }))
    const responder = await world.start()
    await deliver(responder, finding())
    world.protectedSet = createProtectedSet({ ips: ['203.0.113.0/24'] })
    responder.executor.reload(world.settings(responder.actions))
    await responder.executor.reconcile()
    expect(world.table.list()).toEqual([])
  })

  it('does not enforce after a restart what must not be enforced by then', async () => {
    const world = new ResponderWorld(playbook({ steps: [throttleStep] }))
    await deliver(await world.start(), finding())
    world.switches.set('global', 'file')
    await world.start()
    expect(world.table.list()).toEqual([])
  })

  it('exempts entity and detector after a person took a decision back, for a while', async () => {
    const world = new ResponderWorld(playbook({ steps: [throttleStep] }))
    const responder = await world.start()
    await deliver(responder, finding())
    const id = responder.executor.decisions()[0]?.id ?? ''
    expect(await responder.executor.undoDecision(id, 'Ada', 30 * minuteMs)).toMatchObject({ ok: true })
    expect(world.table.list()).toEqual([])
    await deliver(responder, nextFinding(1))
    const [step] = responder.executor.runs()[0]?.steps ?? []
    expect(step).toMatchObject({ status: 'refused', rule: 'exempt' })
    expect(step && isTakenBack(step)).toBe(false)
    const other = finding({ id: 'g-1', root: 'g-1', detector: 'sequential-enumeration' })
    await deliver(responder, other)
    expect(world.table.list()).toMatchObject([{ finding: 'g-1' }])
    const again = await world.start()
    world.now += 30 * minuteMs
    await deliver(again, nextFinding(30))
    expect(world.table.list().map((decision) => decision.finding)).toContain('f-1')
    expect(await again.executor.undoDecision('nothing', 'Ada', 1)).toMatchObject({ ok: false })
  })

  it('lets a person enforce within the same protection', async () => {
    const world = new ResponderWorld()
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
