import { expect, it } from 'vitest'
import {
  deliver,
  finding,
  findingEntity,
  minuteMs,
  nextFinding,
  pageStep,
  playbook,
  ResponderWorld,
  step,
  throttleStep,
} from '../../test/contracts/responder-world.ts'
import type { Changes, StateStore } from '../ports/state-store.ts'

/** A store during whose commits something happens. */
function during(store: StateStore, happens: (changes: Changes) => void): StateStore {
  return {
    term: store.term,
    async commit(changes) {
      await store.commit(changes)
      happens(changes)
    },
    restore: () => store.restore(),
    packs: () => store.packs(),
    findings: (filter) => store.findings(filter),
    runs: (filter) => store.runs(filter),
    journal: (run) => store.journal(run),
    decisions: () => store.decisions(),
    close: () => store.close(),
  }
}

it('nothing is done whose kill switch was pulled while its intent was being written', async () => {
  const world = new ResponderWorld(playbook({ steps: [pageStep] }))
  const responder = await world.start({
    store: (store) =>
      during(store, ({ journal = [] }) => {
        if (journal.some(({ kind }) => kind === 'intent')) world.switches.set('global', 'ada')
      }),
  })
  await deliver(responder, finding())
  expect(world.sent).toEqual([])
  const [run] = responder.executor.runs()
  expect(run?.steps[0]).toMatchObject({ status: 'refused', rule: 'kill_switch' })
  expect(world.memory.openIntents()).toEqual([])
})

it('a decision whose kill switch was pulled while it was being written binds nobody', async () => {
  const world = new ResponderWorld(playbook({ steps: [throttleStep] }))
  const responder = await world.start({
    store: (store) =>
      during(store, ({ decisions = [] }) => {
        if (decisions.length > 0) world.switches.set('global', 'ada')
      }),
  })
  await deliver(responder, finding())
  expect(responder.executor.decisions()).toHaveLength(1)
  expect(world.table.list()).toEqual([])
  await responder.executor.reconcile()
  expect(await responder.store.decisions()).toEqual([])
})

it('a decision is renewed though the clock was set back to before it was made', async () => {
  const slowDown = step('slow-down', 'throttle', {
    target: findingEntity,
    with: { rate: '5/m' },
    ttlMs: minuteMs,
  })
  const world = new ResponderWorld(playbook({ steps: [slowDown] }))
  const responder = await world.start()
  await deliver(responder, finding())
  world.now -= 2 * minuteMs
  await deliver(responder, nextFinding(1))
  const until = world.now + minuteMs
  expect(await responder.store.decisions()).toMatchObject([{ from: world.now, until }])
  expect(world.table.list()).toMatchObject([{ from: world.now, until }])
})

it('a person renews a decision though the clock was set back', async () => {
  const world = new ResponderWorld()
  const { executor } = await world.start()
  const request = {
    scope: 'ip',
    value: '203.0.113.9',
    type: 'deny',
    ttlMs: minuteMs,
    reason: 'abuse',
    by: 'ada',
  } as const
  await executor.addDecision(request)
  world.now -= 2 * minuteMs
  const renewed = await executor.addDecision(request)
  expect(renewed).toMatchObject({ ok: true, decision: { from: world.now, until: world.now + minuteMs } })
})
