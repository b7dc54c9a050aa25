import { createActions } from '../../actions/actions.ts'
import type { LoadedConfig } from '../../config/load-config.ts'
import type { Detector } from '../../core/detector/detector.ts'
import type { Lane } from '../../core/detector/finding.ts'
import type { Engine } from '../../core/engine/engine.ts'
import { trafficShapeOf } from '../../core/engine/traffic-shape.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { HttpClient } from '../../core/ports/http-client.ts'
import type { KillSwitch } from '../../core/ports/kill-switch.ts'
import type { DecisionList } from '../../core/response/decision-lifecycle.ts'
import { Executor } from '../../core/response/executor.ts'
import { createProtectedSet } from '../../core/response/protected-set.ts'
import {
  type ResponsePorts,
  type ResponseSettings,
  responseDefaults,
} from '../../core/response/responder-state.ts'
import { durationMs } from '../../core/time/duration.ts'

export interface ResponderOptions {
  readonly loaded: LoadedConfig<Detector>
  readonly lane: Lane
  readonly store: ResponsePorts['store']
  /** What gateways are answered from. */
  readonly table: ResponsePorts['decisions'] & DecisionList
  readonly engine: Engine
  readonly clock: Clock
  readonly killSwitch: KillSwitch
  /** Where pages go, and with which key. */
  readonly page: { readonly http: HttpClient; readonly routingKey: string; readonly url?: string }
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** The executor under the loaded configuration. */
export function createResponder(options: ResponderOptions): Executor {
  const { store, table, engine, clock, killSwitch, sleep } = options
  const ports = {
    store,
    clock,
    killSwitch,
    traffic: trafficShapeOf(engine),
    decisions: table,
    sleep,
    timeout: (ms: number) => AbortSignal.timeout(ms),
    controlAt: () => Math.max(0, engine.watermark),
  }
  return new Executor(ports, responseSettings(options))
}

/** What the loaded configuration lets response do. */
export function responseSettings({
  loaded,
  lane,
  table,
  page,
}: Pick<ResponderOptions, 'loaded' | 'lane' | 'table' | 'page'>): ResponseSettings {
  const { space, response } = loaded.config
  const { limits } = response
  return {
    ...responseDefaults,
    space,
    lane,
    playbooks: new Map(loaded.playbooks.map(({ playbook }) => [playbook.id, playbook])),
    actions: createActions({ decisions: table, page }),
    protectedSet: createProtectedSet(response.protected),
    scope: { principalsMax: limits.principals_max, shareOfRequestsMax: limits.share_of_requests },
    actionableForMs: durationMs(response.actionable_for),
  }
}
