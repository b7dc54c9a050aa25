import { setMaxListeners } from 'node:events'
import type { Decision } from '../decision/decision.ts'
import type { Lane } from '../detector/finding.ts'
import type { Clock } from '../ports/clock.ts'
import type { KillSwitch } from '../ports/kill-switch.ts'
import type { Changes, StateStore } from '../ports/state-store.ts'
import type { TrafficShape } from '../ports/traffic-shape.ts'
import type { Action } from './action.ts'
import type { AttemptLimits } from './attempt.ts'
import type { CheckWorld, ScopeLimits } from './checks/check.ts'
import type { Exemption } from './exemption.ts'
import type { JournalEntry } from './journal.ts'
import { plainText } from './plain-text.ts'
import type { Playbook } from './playbook.ts'
import type { ProtectedSet } from './protected-set.ts'
import type { Run } from './run.ts'
import { Serial } from './serial.ts'
import type { TakeBack } from './take-back.ts'
import { TargetLedger } from './target-ledger.ts'

/** What response reaches of the world. */
export interface ResponsePorts {
  readonly store: Pick<StateStore, 'term' | 'commit' | 'runs' | 'findings'>
  readonly clock: Clock
  readonly killSwitch: KillSwitch
  readonly traffic: TrafficShape
  /** What gateways are answered from; told after the commit. */
  readonly decisions: { apply(decision: Decision): void; remove(id: string): unknown }
  /** Resolves after the time, or earlier when the signal aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** A signal that aborts after the time, such as `AbortSignal.timeout`. */
  timeout(ms: number): AbortSignal
  /** Pane boundary from which a changed decision counts in the control log; absent: none is written. */
  readonly controlAt?: () => number
}

/** What an operator configures. Times are milliseconds. */
export interface ResponseSettings {
  readonly space: string
  /** Findings of other lanes are never acted on. */
  readonly lane: Lane
  readonly playbooks: ReadonlyMap<string, Playbook>
  readonly actions: ReadonlyMap<string, Action>
  readonly protectedSet: ProtectedSet
  readonly scope: ScopeLimits
  readonly actionableForMs: number
  /** Length of an enforcement whose step names none, and the longest that any may have. */
  readonly ttlDefaultMs: number
  readonly ttlMaxMs: number
  readonly attempts: AttemptLimits
  /** How long a quiet run is kept to be joined. */
  readonly runsKeptMs: number
}

/** Everything that has a good default. */
export const responseDefaults = {
  scope: { principalsMax: 3, shareOfRequestsMax: 0.5 },
  actionableForMs: 10 * 60_000,
  ttlDefaultMs: 15 * 60_000,
  ttlMaxMs: 24 * 3_600_000,
  // PagerDuty asks for tries 30 s apart; eight of them outlast most hiccups and end before a person forgets.
  attempts: { attemptsMax: 8, deadlineMs: 10 * 60_000, attemptTimeoutMs: 30_000, unknownWaitMs: 5000 },
  runsKeptMs: 7 * 24 * 3_600_000,
} as const

/** What the parts of the executor share. Changes go through `commitChanges` inside `serial`, store first. */
export interface ResponderState {
  readonly ports: ResponsePorts
  settings: ResponseSettings
  readonly serial: Serial
  readonly runs: Map<string, Run>
  readonly decisions: Map<string, Decision>
  /** Why gateways were let go of a decision that is not taken back yet. */
  readonly released: WeakMap<Decision, TakeBack>
  /** By which set a decision is not protected, and can be enforced as it is. */
  readonly unprotected: WeakMap<Decision, ProtectedSet>
  readonly ledger: TargetLedger
  exemptions: readonly Exemption[]
  /** Keys whose effect may have happened before a restart. */
  readonly openIntents: Set<string>
  readonly stopped: AbortController
}

export function createResponderState(ports: ResponsePorts, settings: ResponseSettings): ResponderState {
  return {
    ports,
    settings,
    serial: new Serial(),
    runs: new Map(),
    decisions: new Map(),
    released: new WeakMap(),
    unprotected: new WeakMap(),
    ledger: new TargetLedger(),
    exemptions: [],
    openIntents: new Set(),
    stopped: stopController(),
  }
}

/** Every step that waits listens to its signal until it wakes: many of them are many waits, and no leak. */
function stopController(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}

/** The world as the checks see it, with the settings of this moment. */
export function checkWorld(state: ResponderState): CheckWorld {
  const { protectedSet, scope, actionableForMs } = state.settings
  const { killSwitch, traffic } = state.ports
  const { ledger } = state
  return {
    killSwitch,
    traffic,
    protectedSet,
    scope,
    actionableForMs,
    ledger,
    exemptions: () => state.exemptions,
  }
}

/** Commits in one transaction, then lets memory and the gateways' table follow. Call it inside `serial` only. */
export async function commitChanges(
  state: ResponderState,
  changes: Pick<Changes, 'runs' | 'journal' | 'decisions' | 'decisionsRemoved' | 'exemptions'>,
): Promise<void> {
  const { store, decisions: table, controlAt } = state.ports
  const control = controlAt
    ? [
        ...(changes.decisions ?? []).map(({ id }) => controlEntry(controlAt(), id, true)),
        ...(changes.decisionsRemoved ?? []).map((id) => controlEntry(controlAt(), id, false)),
      ]
    : []
  await store.commit({ ...changes, ...(control.length > 0 ? { control } : {}) })
  for (const run of changes.runs ?? []) state.runs.set(run.id, run)
  for (const decision of changes.decisions ?? []) {
    state.decisions.set(decision.id, decision)
    table.apply(decision)
  }
  for (const id of changes.decisionsRemoved ?? []) {
    state.decisions.delete(id)
    table.remove(id)
  }
  if (changes.exemptions) state.exemptions = [...state.exemptions, ...changes.exemptions]
}

/** A journal entry of this term, now. Its detail may quote ids that an attacker chose. */
export function journalEntry(state: ResponderState, entry: Omit<JournalEntry, 'term' | 'at'>): JournalEntry {
  const { store, clock } = state.ports
  const detail = entry.detail === undefined ? {} : { detail: plainText(entry.detail) }
  return { ...entry, ...detail, term: store.term, at: clock.now() }
}

function controlEntry(at: number, decision: string, inForce: boolean) {
  return { kind: 'decision', at, decision, inForce } as const
}
