import type { LoadedConfig } from '../../../config/load-config.ts'
import type { Detector } from '../../../core/detector/detector.ts'
import type { Finding } from '../../../core/detector/finding.ts'
import { Executor } from '../../../core/response/executor.ts'
import type { ResponseSettings } from '../../../core/response/responder-state.ts'
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
import { responseDigest } from '../../runtime/reload/reload-response.ts'
import { responseSettings } from '../../runtime/responder.ts'
import { configContext } from '../../runtime/shipped.ts'
import { sleepUntil } from '../../runtime/signal-waits.ts'
import { tellingStore } from '../../runtime/telling-store.ts'
import type { Cluster } from '../cluster.ts'
import { fencedActions } from './fenced-actions.ts'
import { responseCopies } from './response-copies.ts'
import type { TrafficView } from './traffic-view.ts'

export interface ResponderParts {
  readonly cluster: Cluster
  readonly transactor: Transactor
  readonly term: number
  readonly records: ResponseRecords
  readonly traffic: TrafficView
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
  readonly #table: ReplicatedTable
  #control: ControlSocket | undefined

  private constructor(parts: ResponderParts) {
    const { cluster, transactor, term, records, traffic } = parts
    const { inForce, config, clock, log, topics, sessionMs } = cluster
    this.#parts = parts
    this.#store = new ResponseStore({
      transactor,
      topics: {
        response: topics.response.name,
        decisions: topics.decisions.name,
        control: topics.control.name,
      },
      term,
      records,
      leaseMs: sessionMs / 2,
      now: () => performance.now(),
      ...(cluster.isCopied && { copies: responseCopies(cluster, records) }),
    })
    const table = new ReplicatedTable()
    this.#table = table
    cluster.status.deciding(table)
    const killSwitch = killSwitchFile(config.response.kill_switch_file ?? `${config.data_dir}/kill-switch`)
    this.#operatorLog = new OperatorLog({ log, clock, restored: records.restored() })
    const ports = {
      store: tellingStore(this.#store, (changes) => {
        this.#operatorLog.responded(changes)
        cluster.status.counts.responded(changes)
      }),
      clock,
      killSwitch,
      traffic: traffic.shape,
      decisions: table,
      sleep: sleepUntil,
      timeout: (ms: number) => AbortSignal.timeout(ms),
      controlAt: () => this.#boundary,
    }
    this.#executor = new Executor(ports, this.#settingsOf(inForce.loaded))
    this.#watchSwitches = killSwitchWatch({
      killSwitch,
      actions: configContext().actions.map(({ id }) => id),
      playbooks: () => inForce.loaded.playbooks.map(({ playbook }) => playbook.id),
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
      await responder.#begin()
      await responder.#listen()
      const { decisions, pendingRuns } = restored
      log.info({ term, decisions: decisions.length, pending: pendingRuns.length }, 'responding')
    }
    return responder
  }

  /** Puts playbooks, response and actions in force, together or not at all: what can fail comes first. */
  async reload(loaded: LoadedConfig<Detector>): Promise<void> {
    const settings = this.#settingsOf(loaded)
    await this.#noteInForce(loaded)
    this.#executor.reload(settings)
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
    const { inForce } = this.#parts.cluster
    if (inForce.responder === this) inForce.responder = undefined
    await this.#control?.close()
    await this.#executor.stop()
    this.#parts.cluster.status.deciding(undefined)
    this.#operatorLog.end()
  }

  /** From now on it is this one that a reload concerns. */
  async #begin(): Promise<void> {
    const { inForce } = this.#parts.cluster
    const { loaded } = inForce
    await this.#noteInForce(loaded)
    inForce.responder = this
    if (inForce.loaded !== loaded) await this.reload(inForce.loaded)
  }

  #settingsOf(loaded: LoadedConfig<Detector>): ResponseSettings {
    const page = pageReceiver(loaded.config)
    const settings = responseSettings({ loaded, lane: 'live', table: this.#table, page })
    return { ...settings, actions: fencedActions(settings.actions, () => this.#store.confirm()) }
  }

  /** The control log has it before the first step is taken under it. */
  #noteInForce(loaded: LoadedConfig<Detector>): Promise<void> {
    const at = this.#boundary
    return this.#store.commit({ control: [{ kind: 'response', at, digest: responseDigest(loaded) }] })
  }

  get #boundary(): number {
    return Math.max(0, this.#parts.traffic.watermark)
  }

  /** People's commands come to the responder that acts. */
  async #listen(): Promise<void> {
    const { config, log, inForce } = this.#parts.cluster
    try {
      this.#control = await startControlSocket({
        dataDir: config.data_dir,
        executor: this.#executor,
        get exemptForMs() {
          return durationMs(inForce.loaded.config.response.exempt_for)
        },
      })
    } catch (error) {
      // One that sleeps may still hold the socket, and must not keep its successor from acting.
      log.warn({ err: error }, 'commands such as `picket decisions add` do not reach this process')
    }
  }
}
