import { createActions } from '../../actions/actions.ts'
import { DecisionTable } from '../../core/decision/decision-table.ts'
import type { Finding } from '../../core/detector/finding.ts'
import type { HttpClient, HttpRequest, HttpResult } from '../../core/ports/http-client.ts'
import type { StateStore } from '../../core/ports/state-store.ts'
import type { Shape } from '../../core/ports/traffic-shape.ts'
import type { Action } from '../../core/response/action.ts'
import { Executor } from '../../core/response/executor.ts'
import type { Expression, Playbook, Step } from '../../core/response/playbook.ts'
import { createProtectedSet } from '../../core/response/protected-set.ts'
import {
  type ResponsePorts,
  type ResponseSettings,
  responseDefaults,
} from '../../core/response/responder-state.ts'
import { MemoryState } from '../../storage/memory/memory-state.ts'
import { MemoryStateStore } from '../../storage/memory/memory-state-store.ts'

export const startOfWorld = Date.UTC(2026, 10, 1)
export const minuteMs = 60_000

/** A world for the executor: a clock that only moves when told, a store that outlives executors, a recording receiver. */
export class ResponderWorld {
  now = startOfWorld
  readonly memory = new MemoryState()
  readonly sent: HttpRequest[] = []
  readonly slept: number[] = []
  /** Engaged switches: `global`, `connector:<id>`, `playbook:<id>`. */
  readonly switches = new Map<string, string>()
  readonly playbooks = new Map<string, Playbook>()
  readonly moreActions = new Map<string, Action>()
  protectedSet = createProtectedSet({})
  shape: Shape | undefined = { principals: 0, requests: 10, requestsAll: 1000 }
  clients: number | undefined = 10_000
  answer: (request: HttpRequest) => Promise<HttpResult> = async () => accepted
  sleep: ResponsePorts['sleep'] = async (ms) => void this.slept.push(ms)
  timeout = (_ms: number) => new AbortController().signal
  table = new DecisionTable()

  constructor(...playbooks: readonly Playbook[]) {
    for (const one of playbooks) this.playbooks.set(one.id, one)
  }

  /** A fresh process over the same store. `wrap` may break its calls. */
  async start(
    wrap: { store?: (store: StateStore) => StateStore; http?: (http: HttpClient) => HttpClient } = {},
  ) {
    this.table = new DecisionTable()
    const opened = new MemoryStateStore(this.memory)
    const store = wrap.store?.(opened) ?? opened
    const http: HttpClient = {
      send: async (request) => {
        this.sent.push(request)
        return this.answer(request)
      },
    }
    const actions = this.#actions(wrap.http?.(http) ?? http)
    const executor = new Executor(this.#ports(store), this.settings(actions))
    await executor.resume(await opened.restore())
    return { executor, store, actions }
  }

  settings(actions: ReadonlyMap<string, Action>): ResponseSettings {
    const { playbooks, protectedSet } = this
    return { ...responseDefaults, space: 'default', lane: 'live', playbooks, actions, protectedSet }
  }

  #actions(http: HttpClient): ReadonlyMap<string, Action> {
    const { table } = this
    const own = createActions({ decisions: table, page: { http, routingKey: 'R'.repeat(32) } })
    return new Map([...own, ...this.moreActions])
  }

  #ports(store: StateStore): ResponsePorts {
    return {
      store,
      clock: { now: () => this.now },
      killSwitch: { engaged: (level, id) => this.switches.get(id === undefined ? level : `${level}:${id}`) },
      traffic: { behind: () => this.shape, activeClients: () => this.clients },
      decisions: this.table,
      sleep: (ms, signal) => this.sleep(ms, signal),
      timeout: (ms) => this.timeout(ms),
    }
  }
}

export const accepted: HttpResult = { kind: 'response', status: 202, headers: {}, body: '' }

export function finding(over: Partial<Finding> = {}): Finding {
  const id = over.id ?? 'f-1'
  return {
    id,
    space: 'default',
    lane: 'live',
    detector: 'credential-stuffing',
    version: 1,
    entity: { kind: 'ip', id: '203.0.113.7' },
    period: startOfWorld - 10 * minuteMs,
    state: 'final',
    severity: 'high',
    score: 0.9,
    first: startOfWorld - 5 * minuteMs,
    last: startOfWorld - minuteMs,
    evidence: { accounts_tried: 40, accounts_succeeded: ['k1:a'] },
    manifest: 'm1:0',
    root: id,
    ...over,
  }
}

/** The next finding of the chain that `finding()` began, some minutes later. */
export function nextFinding(minutes: number): Finding {
  const id = `f-1+${minutes}m`
  return finding({ id, continues: 'f-1', root: 'f-1', last: startOfWorld + minutes * minuteMs })
}

export function expression<T>(source: string, evaluate: Expression<T>['evaluate']): Expression<T> {
  return { source, evaluate }
}

export const findingEntity = expression('finding.entity', ({ finding: { entity } }) => entity)

export function step(id: string, action: string, over: Partial<Step> = {}): Step {
  return { id, action, with: {}, approval: 'none', ...over }
}

export const throttleStep = step('slow-down', 'throttle', {
  target: findingEntity,
  with: { rate: '5/m' },
  ttlMs: 15 * minuteMs,
})
export const pageStep = step('page', 'page')

export function playbook(over: Partial<Playbook> = {}): Playbook {
  return {
    id: 'contain',
    digest: 'd1',
    on: expression('true', () => true),
    accepts: 'final',
    mode: 'enforce',
    canaryShare: 0.1,
    limits: { targetsPerHour: 50, shareOfClients: 0.01 },
    steps: [throttleStep, pageStep],
    ...over,
  }
}

/** What the pipeline does with findings: one transaction holds them and the runs. */
export async function deliver(
  { executor, store }: { executor: Executor; store: StateStore },
  ...findings: readonly Finding[]
) {
  const problems = await executor.accept(findings, (runs) => store.commit({ findings, runs }))
  await executor.idle()
  return problems
}
