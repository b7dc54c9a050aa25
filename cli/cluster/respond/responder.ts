import type { Finding } from '../../../core/detector/finding.ts'
import type { TrafficShape } from '../../../core/ports/traffic-shape.ts'
import { Executor } from '../../../core/response/executor.ts'
import { durationMs } from '../../../core/time/duration.ts'
import { ReplicatedTable } from '../../../enforcement/replicated-table.ts'
import type { ResponseRecords } from '../../../storage/kafka/response-records.ts'
import { ResponseStore } from '../../../storage/kafka/response-store.ts'
import type { GroupOffset, Transactor } from '../../../storage/kafka/transactor.ts'
import { type ControlSocket, startControlSocket } from '../../runtime/control-socket.ts'
import { killSwitchFile } from '../../runtime/kill-switch-file.ts'
import { killSwitchWatch } from '../../runtime/kill-switch-watch.ts'
import { OperatorLog } from '../../runtime/operator-log.ts'
import { pageReceiver } from '../../runtime/page-receiver.ts'
import { responseSettings } from '../../runtime/responder.ts'
import { configContext } from '../../runtime/shipped.ts'
import { sleepUntil } from '../../runtime/signal-waits.ts'
import { tellingStore } from '../../runtime/telling-store.ts'
import type { Cluster } from '../cluster.ts'
import { fencedActions } from './fenced-actions.ts'
import { responseCopies } from './response-copies.ts'

export interface ResponderParts {
  readonly cluster: Cluster
  readonly transactor: Transactor
  readonly term: number
  readonly records: ResponseRecords
  readonly traffic: TrafficShape
  /** Aborts when the place is no longer ours. */
  readonly closed: AbortSignal
}

/** The executor of the one responder, over Kafka. */
export class Responder {
  readonly #parts: ResponderParts
  readonly #store: ResponseStore
  readonly #executor: Executor
  readonly #operatorLog: OperatorLog
  readonly #watchSwitches: () => void
  #control: ControlSocket | undefined

  private constructor(parts: ResponderParts) {
    const { cluster, transactor, term, records, traffic } = parts
    const { loaded, config, clock, log, topics, sessionMs } = cluster
    this.#parts = parts
    this.#store = new ResponseStore({
      transactor,
      topics: { response: topics.response.name, decisions: topics.decisions.name },
      term,
      records,
      leaseMs: sessionMs / 2,
      now: () => performance.now(),
      ...(cluster.isCopied && { copies: responseCopies(cluster, records) }),
    })
    const table = new ReplicatedTable()
    const killSwitch = killSwitchFile(config.response.kill_switch_file ?? `${config.data_dir}/kill-switch`)
    const settings = responseSettings({ loaded, lane: 'live', table, page: pageReceiver(config) })
    this.#operatorLog = new OperatorLog({ log, clock, restored: records.restored() })
    const ports = {
      store: tellingStore(this.#store, (changes) => this.#operatorLog.responded(changes)),
      clock,
      killSwitch,
      traffic,
      decisions: table,
      sleep: sleepUntil,
      timeout: (ms: number) => AbortSignal.timeout(ms),
    }
    const actions = fencedActions(settings.actions, () => this.#store.confirm())
    this.#executor = new Executor(ports, { ...settings, actions })
    this.#watchSwitches = killSwitchWatch({
      killSwitch,
      actions: configContext().actions.map(({ id }) => id),
      playbooks: () => loaded.playbooks.map(({ playbook }) => playbook.id),
      log,
    })
  }

  /**
   * Takes over: waits until no attempt of a predecessor can still be under way, then verifies what it left open and goes on.
   */
  static async start(parts: ResponderParts, attemptTimeoutMs: number): Promise<Responder> {
    const { cluster, records, term, closed } = parts
    const { clock, log } = cluster
    const restored = records.restored()
    const last = Math.max(...restored.openIntents.map(({ at }) => at + attemptTimeoutMs))
    const waitMs = Math.min(Math.max(0, last - clock.now()), attemptTimeoutMs)
    if (waitMs > 0) {
      log.info(
        { waitMs, open: restored.openIntents.length },
        'waiting out what the responder before may still be doing',
      )
      await sleepUntil(waitMs, closed)
    }
    const responder = new Responder(parts)
    if (!closed.aborted) {
      await responder.#executor.resume(restored)
      await responder.#listen()
      const { decisions, pendingRuns } = restored
      log.info({ term, decisions: decisions.length, pending: pendingRuns.length }, 'responding')
    }
    return responder
  }

  /** Plans findings; their runs and the offset behind them are committed together, then they start. */
  async accept(findings: readonly Finding[], offset: GroupOffset): Promise<void> {
    const problems = await this.#executor.accept(findings, (runs) =>
      this.#store.commit({ findings, runs }, [offset]),
    )
    for (const { playbook, finding, message } of problems) {
      this.#parts.cluster.log.error({ playbook, finding }, `playbook ${playbook} failed: ${message}`)
    }
  }

  /** Lets go of what is forbidden by now. Call it every second. */
  release(): void {
    this.#executor.release()
    this.#watchSwitches()
    this.#operatorLog.flush()
  }

  /** Ends what is over or forbidden by now. Rejects once the state can't be committed. */
  reconcile(): Promise<void> {
    return this.#executor.reconcile()
  }

  /** Begins nothing more; what is open is left to a successor. */
  async stop(): Promise<void> {
    await this.#control?.close()
    await this.#executor.stop()
    this.#operatorLog.end()
  }

  /** People's commands come to the responder that acts. */
  async #listen(): Promise<void> {
    const { config, log } = this.#parts.cluster
    try {
      this.#control = await startControlSocket({
        dataDir: config.data_dir,
        executor: this.#executor,
        exemptForMs: durationMs(config.response.exempt_for),
      })
    } catch (error) {
      // One that sleeps may still hold the socket, and must not keep its successor from acting.
      log.warn({ err: error }, 'commands such as `picket decisions add` do not reach this process')
    }
  }
}
