import kafkajs from 'kafkajs'
import type { PicketConfig } from '../../config/picket-config.ts'
import type { ConfiguredDetector } from '../../core/detector/detector.ts'
import { ExitError, exitCodes } from '../runtime/exit.ts'
import { leftState } from '../runtime/left-state.ts'
import { withClusterKafka } from './cluster.ts'
import { ownerOf } from './detect/changelog/changelog-keys.ts'
import { manifestsInForce } from './manifests-in-force.ts'
import { readTopics } from './read/read-topics.ts'

/** A detector that was written of within this time runs somewhere, milliseconds. */
const restMs = 10 * 60_000
/** Messages that are sent together. */
const messagesMax = 10_000

interface Left {
  readonly partition: number
  readonly key: string
  readonly bytes: number
}

/**
 * Ends the keys that the changelog holds of a detector that is configured no more, in all its versions that are not.
 *
 * @throws ExitError when Kafka can't be read, or a process still judges with it, or may
 */
export async function forgetInCluster(
  config: PicketConfig,
  id: string,
  configured: readonly ConfiguredDetector[],
): Promise<{ readonly records: number; readonly bytes: number }> {
  const left = new Map<string, Left>()
  let writtenAt = 0
  await readTopics(
    config,
    ['state'],
    (_part, { key, value, timestamp }, partition) => {
      const owner = ownerOf(String(key))
      if (owner?.detector !== id || leftState([owner], configured).length === 0) return
      const place = `${partition} ${key}`
      if (value) {
        // Records without a value may be this command's own; `detect` writes them only beside those that have one.
        writtenAt = Math.max(writtenAt, Number(timestamp))
        left.set(place, { partition, key: String(key), bytes: value.length })
      } else left.delete(place)
    },
    () => {},
  )
  if (left.size === 0) return { records: 0, bytes: 0 }
  const partitions = new Set([...left.values()].map(({ partition }) => partition))
  await refuseWhereJudged(config, { id, configured, partitions })
  if (Date.now() - writtenAt < restMs)
    throw new ExitError(
      exitCodes.refused,
      `a process wrote state of '${id}' less than ${restMs / 60_000} minutes ago: give all \`detect\` processes the configuration without it, and wait`,
    )
  await endKeys(config, [...left.values()])
  return { records: left.size, bytes: [...left.values()].reduce((sum, { bytes }) => sum + bytes, 0) }
}

interface Forgetting {
  readonly id: string
  readonly configured: readonly ConfiguredDetector[]
  /** Those that hold keys of it. */
  readonly partitions: ReadonlySet<number>
}

/** A detector that seldom has something to write may run all the same, also where nothing tells what is judged. */
async function refuseWhereJudged(
  config: PicketConfig,
  { id, configured, partitions }: Forgetting,
): Promise<void> {
  const inForce = await manifestsInForce(config)
  for (const [by, known] of inForce) {
    if ('unknown' in known) continue
    const own = known.manifest.detectors.map((one) => ({ detector: one.id, version: one.version }))
    if (!leftState(own, configured).some(({ detector }) => detector === id)) continue
    throw new ExitError(
      exitCodes.refused,
      `'${by}' was begun last under a configuration with '${id}': start all \`detect\` processes with the one without it first`,
    )
  }
  const unknown = [...partitions]
    .sort((left, right) => left - right)
    .flatMap((partition) => {
      const known = inForce.get(`detect ${partition}`) ?? {
        unknown: 'the control topic has no manifest of it',
      }
      return 'unknown' in known ? [`partition ${partition} (${known.unknown})`] : []
    })
  if (unknown.length === 0) return
  throw new ExitError(
    exitCodes.refused,
    `nobody can tell whether '${id}' is still judged in ${unknown.join(', ')}: restart the \`detect\` that has it with the configuration without '${id}'`,
  )
}

async function endKeys(config: PicketConfig, left: readonly Left[]): Promise<void> {
  await withClusterKafka(config, async ({ kafka, topics }) => {
    const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
    await producer.connect()
    try {
      for (let at = 0; at < left.length; at += messagesMax) {
        const messages = left
          .slice(at, at + messagesMax)
          .map(({ partition, key }) => ({ partition, key, value: null }))
        await producer.send({ topic: topics.state.name, messages })
      }
    } finally {
      await producer.disconnect()
    }
  })
}
