import { createRequire } from 'node:module'

interface Asked {
  readonly groupId: string
  /** 0: of a group, 1: of a transactional id. */
  readonly coordinatorType?: number
}

interface Cluster {
  findGroupCoordinatorMetadata(asked: Asked): Promise<unknown>
}

/** So long a coordinator is taken to be where it was. */
const rememberedMs = 1000
const ofTransaction = 1
let isDone = false
/** What was asked before counts no more. */
let forgottenAt = Number.NEGATIVE_INFINITY

/** Has all coordinators looked for anew. */
export function forgetCoordinators(): void {
  forgottenAt = performance.now()
}

/**
 * Has kafkajs remember where the coordinators of a transaction are. By itself (2.2.4, `eosManager`) it asks before each step of
 * each transaction, which is four of the nine answers that a commit with offsets waits for. Of a coordinator that moved it tries some steps again and others not:
 * see `sendOffsets`. Consumers ask as before: one that looks for its group has reason to.
 */
export function rememberCoordinators(): void {
  if (isDone) return
  isDone = true
  const require = createRequire(import.meta.url)
  const { prototype }: { prototype: Cluster } = require('kafkajs/src/cluster/index.js')
  const { findGroupCoordinatorMetadata: find } = prototype
  const byCluster = new WeakMap<Cluster, Map<string, { readonly at: number; readonly found: unknown }>>()
  prototype.findGroupCoordinatorMetadata = async function (asked) {
    const { groupId, coordinatorType = 0 } = asked
    // Each producer has a cluster of its own.
    if (coordinatorType === ofTransaction && !byCluster.has(this)) byCluster.set(this, new Map())
    const remembered = byCluster.get(this)
    const key = `${coordinatorType} ${groupId}`
    const known = remembered?.get(key)
    if (known && known.at > forgottenAt && performance.now() - known.at < rememberedMs) return known.found
    const found = await find.call(this, asked)
    remembered?.set(key, { at: performance.now(), found })
    return found
  }
}
