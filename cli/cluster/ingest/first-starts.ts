import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin } from 'kafkajs'
import { wasRead } from '../../../ingest/sources/kafka/chosen-topics.ts'
import { fetchRanges, partitionId } from '../../../ingest/sources/kafka/topic-offsets.ts'
import { whilePassing } from '../../../storage/kafka/while-passing.ts'
import { topicChoices } from '../../runtime/kafka-topics.ts'
import { sleepUntil } from '../../runtime/signal-waits.ts'
import type { Cluster, KafkaSourceConfig } from '../cluster.ts'

const lookEveryMs = 2000
/** A topic that no broker lists for so long is gone. */
const goneAfterMs = 5000
const listAgainMs = 250

/**
 * Where to begin partitions that the group has read nothing of. With `from: latest` they begin at the end that they had
 * when the run began. What appears later is read from its start, or the events between its birth and our look would be lost;
 * and so is a topic that was deleted and created again, of which Kafka has forgotten what the group read.
 */
export class FirstStarts {
  readonly #inputAdmin: Cluster['inputAdmin']
  readonly #group: string
  /** By partition that was there when the run began, and was not read since. */
  readonly #ends: Map<string, number>

  private constructor(inputAdmin: Cluster['inputAdmin'], group: string, ends: Map<string, number>) {
    this.#inputAdmin = inputAdmin
    this.#group = group
    this.#ends = ends
  }

  /** Asked once in a run: a role that begins anew goes on with what was there at first. */
  static async of(
    { inputAdmin, inputs, firstStarts }: Pick<Cluster, 'inputAdmin' | 'inputs' | 'firstStarts'>,
    source: KafkaSourceConfig,
  ): Promise<FirstStarts> {
    const known = firstStarts.get(source.name)
    if (known) return known
    const topics = inputs.readBy(source.name)
    const ends =
      source.from === 'latest' ? await inputAdmin.ask((admin) => endsOf(admin, source, topics)) : new Map()
    const opened = new FirstStarts(inputAdmin, source.group, ends)
    firstStarts.set(source.name, opened)
    return opened
  }

  /** The end of a partition when the run began; `undefined`: read it from its start. */
  endOf(topic: string, partition: number): number | undefined {
    return this.#ends.get(partitionId(topic, partition))
  }

  /** Lets go of what the group reads by now, whoever of its members. */
  async look(): Promise<void> {
    const read = await this.#inputAdmin.ask((admin) => committedBy(admin, this.#group))
    for (const id of read) this.#ends.delete(id)
  }

  /** Looks again and again, until all is read or the signal aborts. */
  async watch(signal: AbortSignal): Promise<void> {
    while (this.#ends.size > 0 && !signal.aborted) {
      await sleepUntil(lookEveryMs, signal)
      // A broker that is away is told of by who reads.
      if (!signal.aborted) await this.look().catch(() => {})
    }
  }
}

async function endsOf(
  admin: Admin,
  { group, topics: entries }: KafkaSourceConfig,
  topics: readonly string[],
): Promise<Map<string, number>> {
  const read = (await committedBy(admin, group)).map((id) => id.slice(0, id.lastIndexOf(':')))
  const choices = topicChoices(entries)
  const unread = topics.filter((topic) => !wasRead(read, choices, topic))
  const there = await withoutGone(admin, unread)
  const ranges = await Promise.all(there.map((topic) => whilePassing(() => fetchRanges(admin, topic))))
  return new Map(ranges.flatMap((range) => [...range].map(([id, { high }]) => [id, high] as const)))
}

/** Partitions that a group has an offset of. */
async function committedBy(admin: Admin, group: string): Promise<string[]> {
  const committed = await whilePassing(() => admin.fetchOffsets({ groupId: group }))
  return committed.flatMap(({ topic, partitions }) =>
    partitions
      .filter(({ offset }) => Number(offset) >= 0)
      .map(({ partition }) => partitionId(topic, partition)),
  )
}

/**
 * A topic that was deleted since it was listed is asked nothing: kafkajs would ask for it along with each of the others, and those
 * would look gone as well. A broker may also have only just heard of one.
 */
async function withoutGone(admin: Admin, topics: readonly string[]): Promise<readonly string[]> {
  const giveUpAt = performance.now() + goneAfterMs
  for (;;) {
    const listed = new Set(await whilePassing(() => admin.listTopics()))
    const there = topics.filter((topic) => listed.has(topic))
    if (there.length === topics.length || performance.now() > giveUpAt) return there
    await sleep(listAgainMs)
  }
}
