import { aborted } from '../../runtime/signal-waits.ts'
import type { Cluster } from '../cluster.ts'

/**
 * Reads the topics of a source, and begins anew when others match its patterns: a consumer can't be joined for other topics
 * while it runs. All its partitions are taken over again then, from what was committed, which takes some seconds and loses nothing.
 */
export async function forEachTopics(
  { inputs, log, signal }: Pick<Cluster, 'inputs' | 'log' | 'signal'>,
  source: string,
  read: (topics: readonly string[], signal: AbortSignal) => Promise<void>,
): Promise<void> {
  let before: readonly string[] | undefined
  while (!signal.aborted) {
    const topics = inputs.readBy(source)
    const isOther = () => String(inputs.readBy(source)) !== String(topics)
    const changed = new AbortController()
    const stopListening = inputs.onLook(() => isOther() && changed.abort())
    const both = AbortSignal.any([signal, changed.signal])
    const found = topics.filter((topic) => before && !before.includes(topic))
    const gone = before?.filter((topic) => !topics.includes(topic)) ?? []
    if (found.length > 0) log.info({ source, topics: found }, 'topics match by now, and are read')
    if (gone.length > 0)
      log.warn(
        { source, topics: gone },
        'topics are gone from Kafka: nothing is read of them until they are there again',
      )
    if (topics.length === 0) log.warn({ source }, 'no topic matches yet; looking on')
    before = topics
    try {
      await (topics.length === 0 ? aborted(both) : read(topics, both))
    } finally {
      stopListening()
    }
  }
}
