import type { Finding } from '../../../core/detector/finding.ts'
import type { Engine } from '../../../core/engine/engine.ts'
import type { WorkOptions } from '../../../storage/kafka/partition-work.ts'
import type { Cluster } from '../cluster.ts'
import type { HeldPartitions } from '../holding.ts'
import type { ClusterWatch } from './cluster-watch.ts'

export interface DetectOptions extends WorkOptions {
  readonly cluster: Cluster
  readonly partition: number
  openEngine(): Engine
  /** `restored`: findings that are open from before. */
  openWatch(restored: readonly Finding[]): ClusterWatch
  readonly held: HeldPartitions
  /** Digest of what is judged by. */
  readonly manifest: string
  readonly onFindings: (findings: readonly Finding[]) => void
  readonly onLate: (events: number) => void
}
