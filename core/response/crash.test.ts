import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HttpClient } from '../../core/ports/http-client.ts'
import type { StateStore } from '../../core/ports/state-store.ts'
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
  throttleStep,
} from '../../test/contracts/responder-world.ts'
import { defineAction } from './action.ts'

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
  playbook({ id: 'lock-out', steps: [step('stop', 'deny', { target: findingEntity, ttlMs: 4 * minuteMs }), pageStep, step('mail', 'mail')] }),
]

/** Runs a history with crashes; each one leaves the process before it frozen and starts another over the same store. */
async function live(history: readonly Happening[], crashes: readonly Crash[]) {
  const world = new ResponderWorld()
  for (const one of playbooks) world.playbooks.set(one.id, one)
  const mailbox: string[] = []
  const pages: string[] = []
  world.answer = async ({ body }) => {
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
      world.moreActions.set('mail', verifiableMail(mailbox, (effect) => call(mine, effect)))
      const starting = world.start({
        store: (store) => mortalStore(store, (effect) => call(mine, effect)),
        http: (http): HttpClient => ({ send: (request, signal) => call(mine, () => http.send(request, signal)) }),
      })
      const started = await Promise.race([starting, dead])
      const idle = started && (await Promise.race([started.executor.idle().then(() => true), dead]))
      if (started && idle) return started
    }
  }

  let responder = await boot()
  const ends: boolean[] = []
  for (const [index, happens] of history.entries()) {
    for (;;) {
      const done = await Promise.race([happen(world, responder, happens, index).then(() => true), dead])
      if (done) break
      responder = await boot()
    }
    ends.push(world.table.list().every(({ until }) => until <= world.now + 15 * minuteMs && until > world.now))
  }
  const decisions = await responder.store.decisions()
  const table = world.table.list()
  const runs = responder.executor.runs()
  return { world, pages, mailbox, decisions, table, runs, ends, calls }
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
    commit: (changes) => call(() => store.commit(changes)),
    restore: () => store.restore(),
    entities: () => store.entities(),
    findings: (filter) => store.findings(filter),
    runs: (filter) => store.runs(filter),
    journal: (run) => store.journal(run),
    decisions: () => store.decisions(),
    close: () => store.close(),
  }
}

/** An action whose receiver doesn't know keys, but can be asked. */
function verifiableMail(mailbox: string[], call: (effect: () => Promise<void>) => Promise<void>) {
  const with_ = playbook().steps[1]
  if (!with_) throw new Error('the playbook has no page')
  return defineAction({
    ...pageLike,
    id: 'mail',
    effect: 'verifiable',
    async apply({ key }) {
      await call(async () => void mailbox.push(key))
      return { status: 'applied' }
    },
    async verify({ key }) {
      return mailbox.includes(key) ? 'present' : 'absent'
    },
  })
}
