import { setTimeout as sleep } from 'node:timers/promises'
import type { LoadedConfig } from '../../config/load-config.ts'
import type { Decision } from '../../core/decision/decision.ts'
import { DecisionTable } from '../../core/decision/decision-table.ts'
import type { Detector } from '../../core/detector/detector.ts'
import type { Restored } from '../../core/ports/state-store.ts'
import { Executor } from '../../core/response/executor.ts'
import { createProtectedSet } from '../../core/response/protected-set.ts'
import { type ResponsePorts, responseDefaults } from '../../core/response/responder-state.ts'
import { durationMs } from '../../core/time/duration.ts'
import { openStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { readMarks } from '../pipeline/marks.ts'
import { killSwitchFile } from './kill-switch-file.ts'

/**
 * Changes decisions while no `picket run` has the data folder open, by the code and the rules that it would use. The
 * executor gets only the decisions that `concerns` names and their finished runs: what a stopped run still has to do
 * is left as it is, to be done by the next one.
 *
 * @throws StateError `in_use` when one has it open after all
 */
export async function withDirectExecutor<T>(
  { config }: LoadedConfig<Detector>,
  concerns: (decision: Decision) => boolean,
  use: (executor: Executor) => Promise<T>,
): Promise<T> {
  const { data_dir: dataDir, space, response } = config
  const store = await openStateStore(dataDir)
  try {
    const restored = await store.restore()
    const decisions = restored.decisions.filter(concerns)
    const runIds = new Set(decisions.map(({ run }) => run))
    const runs = (await store.runs()).filter(({ id, state }) => runIds.has(id) && state === 'done')
    const watermark = readMarks(restored.marks)?.watermark ?? 0
    const ports: ResponsePorts = {
      store: {
        term: store.term,
        commit: (changes) => store.commit(changes),
        findings: (filter) => store.findings(filter),
        runs: async () => runs,
      },
      clock: { now: () => Date.now() },
      killSwitch: killSwitchFile(response.kill_switch_file ?? `${dataDir}/kill-switch`),
      // Asked for playbooks only, and there are none.
      traffic: { behind: () => undefined, activeClients: () => undefined },
      decisions: new DecisionTable(),
      sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
      timeout: (ms) => AbortSignal.timeout(ms),
      controlAt: () => (Number.isFinite(watermark) ? Math.max(0, watermark) : 0),
    }
    const executor = new Executor(ports, {
      ...responseDefaults,
      space,
      lane: 'live',
      playbooks: new Map(),
      actions: new Map(),
      protectedSet: createProtectedSet(response.protected),
      actionableForMs: durationMs(response.actionable_for),
    })
    const concerned: Restored = { ...restored, decisions, pendingRuns: [], openIntents: [] }
    await executor.resume(concerned)
    return await use(executor)
  } finally {
    await store.close()
  }
}
