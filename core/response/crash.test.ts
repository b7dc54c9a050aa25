import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  accepted,
  deliver,
  finding,
  findingEntity,
  minuteMs,
  pageStep,
  playbook,
  ResponderWorld,
  startOfWorld,
  step,
} from '../../test/contracts/responder-world.ts'
import type { Decision } from '../decision/decision.ts'
import type { HttpClient } from '../ports/http-client.ts'
import type { StateStore } from '../ports/state-store.ts'
import { defineAction } from './action.ts'
import type { JournalEntry } from './journal.ts'
import type { Run } from './run.ts'

/** What happens in the world: a finding about one of a few clients, or time that passes. */
type Happening =
  | { readonly kind: 'finding'; readonly client: number; readonly provisional: boolean }
  | { readonly kind: 'minutes'; readonly minutes: number }

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant('finding' as const), client: fc.nat(5), provisional: fc.boolean() }),
  fc.record({ kind: fc.constant('minutes' as const), minutes: fc.integer({ min: 1, max: 9 }) }),
)

/** The n-th call of the whole history dies, before or after it had its effect. */
interface Crash {
  readonly call: number
  readonly after: boolean
}

const targetsPerHour = 4
const playbooks = [
  playbook({ accepts: 'provisional', limits: { targetsPerHour, shareOfClients: 0.01 } }),
  playbook({
    id: 'lock-out',
    steps: [
      step('stop', 'deny', { target: findingEntity, ttlMs: 4 * minuteMs }),
      pageStep,
      step('mail', 'mail'),
    ],
  }),
]

/** Runs a history with crashes; each one leaves the process before it frozen and starts another over the same store. */
async function live(history: readonly Happening[], crashes: readonly Crash[]) {
  const world = new ResponderWorld(...playbooks)
  const mailbox: string[] = []
  const pages: string[] = []
  world.answer = async ({ body }) => {
    if (world.memory.openIntents().length === 0) throw new Error('paged before the intent was durable')
    pages.push(String(JSON.parse(body ?? '').dedup_key))
    return accepted
  }
  let calls = 0
  let die = () => {}
  let dead = new Promise<void>(() => {})
  let process = 0

  /** A call of this process: for ever silent once the process is dead. */
  async function call<T>(mine: number, effect: () => Promise<T>): Promise<T> {
    if (mine !== process) return new Promise<T>(() => {})
    calls += 1
    const crash = crashes.find((candidate) => candidate.call === calls)
    if (!crash) return effect()
    if (crash.after) await effect()
    process += 1
    die()
    return new Promise<T>(() => {})
  }

  async function boot() {
    for (;;) {
      const mine = process
      dead = new Promise((resolve) => {
        die = resolve
      })
      world.moreActions.set(
        'mail',
        verifiableMail(mailbox, (effect) => call(mine, effect)),
      )
      const starting = world.start({
        store: (store) => mortalStore(store, (effect) => call(mine, effect)),
        http: (http): HttpClient => ({
          send: (request, signal) => call(mine, () => http.send(request, signal)),
        }),
      })
      const started = await Promise.race([starting, dead])
      const idle = started && (await Promise.race([started.executor.idle().then(() => true), dead]))
      if (started && idle) return started
    }
  }

  let responder = await boot()
  let withinEnds = true
  for (const [index, happens] of history.entries()) {
    for (;;) {
      const done = await Promise.race([happen(world, responder, happens, index).then(() => true), dead])
      if (done) break
      responder = await boot()
    }
    const isWithin = ({ until }: Decision) => until <= world.now + 15 * minuteMs && until > world.now
    withinEnds &&= world.table.list().every(isWithin)
  }
  const decisions = await responder.store.decisions()
  const table = world.table.list()
  const runs = [...responder.executor.runs()].sort((left, right) => (left.id < right.id ? -1 : 1))
  const journal = (await Promise.all(runs.map(({ id }) => responder.store.journal(id)))).flat()
  return { pages, mailbox, decisions, table, runs, journal, withinEnds, restarts: process }
}

async function happen(
  world: ResponderWorld,
  responder: Awaited<ReturnType<ResponderWorld['start']>>,
  happens: Happening,
  index: number,
) {
  if (happens.kind === 'minutes') {
    // Set, not added: a crash in the middle lets the same minutes pass once.
    world.now = startOfWorld + index * 10 * minuteMs + happens.minutes * minuteMs
    return responder.executor.reconcile()
  }
  world.now = Math.max(world.now, startOfWorld + index * 10 * minuteMs)
  const { client, provisional } = happens
  const root = `f-${client}`
  const about = finding({
    id: `${root}-${index}`,
    root,
    continues: root,
    entity: { kind: 'ip', id: `203.0.113.${client}` },
    state: provisional ? 'provisional' : 'final',
    last: startOfWorld + index * 10 * minuteMs - 1000,
  })
  await responder.executor.reconcile()
  await deliver(responder, about)
}

function mortalStore(store: StateStore, call: <T>(effect: () => Promise<T>) => Promise<T>): StateStore {
  return {
    term: store.term,
    commit: (changes) =>
      call(async () => {
        // A disk takes a while: whoever doesn't wait for it acts too early, and the receivers notice.
        await new Promise((resolve) => setImmediate(resolve))
        await store.commit(changes)
      }),
    restore: () => store.restore(),
    packs: () => store.packs(),
    findings: (filter) => store.findings(filter),
    runs: (filter) => store.runs(filter),
    journal: (run) => store.journal(run),
    decisions: () => store.decisions(),
    close: () => store.close(),
  }
}

/** An action whose receiver knows no keys, but can be asked. */
function verifiableMail(mailbox: string[], call: (effect: () => Promise<void>) => Promise<void>) {
  return defineAction({
    id: 'mail',
    summary: 'Writes to a mailbox that can be looked into.',
    targets: [],
    with: z.strictObject({}),
    effect: 'verifiable',
    enforces: false,
    reversible: true,
    acceptsProvisional: false,
    async apply({ key }) {
      await call(async () => void mailbox.push(key))
      return { status: 'applied' }
    },
    verify: async ({ key }) => (mailbox.includes(key) ? 'present' : 'absent'),
    undo: async () => ({ status: 'applied' }),
  })
}

/** Most targets that a playbook enforced on within any hour, by the journal. */
function targetsInAnyHour(entries: readonly JournalEntry[]): number {
  const applied = entries.filter(({ kind, status, step: id }) => {
    return kind === 'result' && status === 'applied' && id === 'slow-down'
  })
  const inHourBefore = applied.map(({ at }) => {
    const recent = applied.filter((other) => other.at <= at && other.at > at - 60 * minuteMs)
    return new Set(recent.map(({ target }) => target?.id)).size
  })
  return Math.max(0, ...inHourBefore)
}

describe('executor, killed anywhere', () => {
  it('ends where it would have without the crashes, with every effect there and none doubled', async () => {
    let restarts = 0
    let decided = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(happening, { minLength: 1, maxLength: 12 }),
        fc.array(fc.record({ call: fc.integer({ min: 1, max: 60 }), after: fc.boolean() }), { maxLength: 4 }),
        async (history, crashes) => {
          const calm = await live(history, [])
          const crashed = await live(history, crashes)
          restarts += crashed.restarts
          decided += crashed.decisions.length
          expect(crashed.decisions).toEqual(calm.decisions)
          expect(byId(crashed.table)).toEqual(crashed.decisions)
          expect(crashed.runs.map(outcome)).toEqual(calm.runs.map(outcome))
          expect(new Set(crashed.pages)).toEqual(new Set(calm.pages))
          expect(crashed.mailbox.toSorted()).toEqual(calm.mailbox.toSorted())
          expect(new Set(crashed.mailbox).size).toBe(crashed.mailbox.length)
          expect(crashed.withinEnds).toBe(true)
          expect(targetsInAnyHour(crashed.journal)).toBeLessThanOrEqual(targetsPerHour)
        },
      ),
      { numRuns: 300 },
    )
    // A property over histories in which nothing happened would hold of anything.
    expect(restarts).toBeGreaterThan(100)
    expect(decided).toBeGreaterThan(100)
  })

  it('pages once without crashes', async () => {
    const { pages } = await live([{ kind: 'finding', client: 1, provisional: false }], [])
    // Two playbooks page for one incident: the receiver folds them by their common key.
    expect(pages).toEqual(['picket/live/default/f-1', 'picket/live/default/f-1'])
  })
})

function byId(decisions: readonly Decision[]): readonly Decision[] {
  return decisions.toSorted((left, right) => (left.id < right.id ? -1 : 1))
}

function outcome(run: Run) {
  const steps = run.steps.map(({ step: id, status, rule, until }) => ({ id, status, rule, until }))
  return { id: run.id, state: run.state, finding: run.finding.id, steps }
}
