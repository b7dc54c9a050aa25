import type { SourceTimes } from '../../../core/cluster/source-times.ts'
import type { Finding } from '../../../core/detector/finding.ts'
import type { Engine } from '../../../core/engine/engine.ts'
import { Transactor } from '../../../storage/kafka/transactor.ts'
import type { Cluster } from '../cluster.ts'
import { CommitLoop } from '../commit-loop.ts'
import { findingMessages } from './finding-messages.ts'

export interface ProvenOptions {
  readonly cluster: Pick<Cluster, 'kafka' | 'prefix' | 'topics' | 'transactionMs'>
  readonly partition: number
  readonly fail: (error: unknown) => void
  readonly onFindings: (findings: readonly Finding[]) => void
}

/**
 * Sends what single observations prove ahead of the state that they belong to, in transactions of its own, so that it waits
 * for no seal and no changelog. After a crash the observations are read again, and prove the same findings under the same
 * ids, which change nothing for who knows them.
 */
export class ProvenFindings {
  readonly #options: ProvenOptions
  readonly #transactor: Transactor
  readonly #judge: { readonly engine: Engine; readonly times: SourceTimes }
  readonly #commits: CommitLoop
  #sent: Finding[] = []
  /** The newest; earlier ones are through. */
  #sending: Promise<void> = Promise.resolve()

  /** `transactor` is its own: see `open`. */
  constructor(options: ProvenOptions, transactor: Transactor, judge: { engine: Engine; times: SourceTimes }) {
    this.#options = options
    this.#transactor = transactor
    this.#judge = judge
    this.#commits = new CommitLoop(() => {
      this.#sending = this.#commit()
      return this.#sending
    }, options.fail)
  }

  /** Fences whoever had the partition before. */
  static open({ cluster, partition }: Pick<ProvenOptions, 'cluster' | 'partition'>): Promise<Transactor> {
    const { kafka, prefix, transactionMs } = cluster
    return Transactor.open(kafka, `${prefix}.detect.${partition}.proven`, transactionMs)
  }

  /** Sends what there is. */
  send(): void {
    if (this.#judge.engine.hasProven) this.#commits.request()
  }

  /** What was sent, or is on its way, since the last call: it is committed with the state as well, behind `arrived`. */
  take(): Finding[] {
    const sent = this.#sent
    this.#sent = []
    return sent
  }

  /** Resolves when all of that has arrived; rejects when some did not, for then nothing may be committed behind it. */
  arrived(): Promise<void> {
    return this.#sending
  }

  async close(): Promise<void> {
    await this.#commits.close()
    await this.#transactor.close()
  }

  async #commit(): Promise<void> {
    const { cluster, onFindings } = this.#options
    const findings = this.#judge.engine.drainProven()
    if (findings.length === 0) return
    this.#sent.push(...findings)
    const messages = findingMessages(findings, this.#judge.times.positions)
    await this.#transactor.commit({ messages: [{ topic: cluster.topics.findings.name, messages }] })
    onFindings(findings)
  }
}
