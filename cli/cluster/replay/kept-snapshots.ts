import type { Message } from 'kafkajs'
import { emptyBaseline } from '../../../core/baseline/baseline.ts'
import { serializeBaseline } from '../../../core/baseline/baseline-codec.ts'
import type { Snapshot } from '../../../core/manifest/control-log.ts'
import type { RunSetup } from '../../pipeline/recorder.ts'
import type { StoredManifest } from '../../runtime/recording/run-setup.ts'
import { BaselineRecords } from '../baseline/baseline-messages.ts'
import type { ClusterKafka } from '../cluster.ts'

/** Digests have no blank. */
const pieceOf = (digest: string, key: string) => `${digest} ${key}`

/**
 * Writes the texts of a setup before anything names their digests. Twice is as good as once: a text is the same under its
 * digest, and the topic is compacted. Throws what kafkajs does.
 */
export async function keepSnapshots(
  { kafka, topics }: Pick<ClusterKafka, 'kafka' | 'topics'>,
  { snapshots = [] }: RunSetup,
): Promise<void> {
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  try {
    const messages = snapshots.map(({ digest, text }) => ({ key: digest, value: text, partition: 0 }))
    await producer.send({ topic: topics.manifests.name, messages, acks: -1 })
  } finally {
    await producer.disconnect()
  }
}

/** The messages of a baseline, to be found by its digest when another one is in force. */
export function keptBaseline(digest: string, messages: readonly Message[]): Message[] {
  return messages.map((message) => ({ ...message, key: pieceOf(digest, String(message.key)) }))
}

/** Texts by digest, as the topics of manifests and of the baseline tell them. */
export class KeptSnapshots {
  readonly #texts = new Map<string, string>()
  readonly #baselines = new Map<string, BaselineRecords>()
  readonly #inForce = new BaselineRecords()

  /** Takes a record of the topic of manifests. */
  take(key: string, value: Buffer | null): void {
    const blank = key.indexOf(' ')
    if (blank < 0) {
      if (value) this.#texts.set(key, value.toString('utf8'))
      return
    }
    const digest = key.slice(0, blank)
    const records = this.#baselines.get(digest) ?? new BaselineRecords()
    this.#baselines.set(digest, records)
    records.take(key.slice(blank + 1), value)
  }

  /** Takes a record of the topic of the baseline: one that an older Picket put in force is nowhere else. */
  takeInForce(key: string, value: Buffer | null): void {
    this.#inForce.take(key, value)
  }

  /** All texts, of baselines those that the given manifests name. Throws for a baseline that can't be read. */
  async read(manifests: Iterable<string>): Promise<ReadonlyMap<Snapshot['digest'], Snapshot['text']>> {
    const texts = new Map(this.#texts)
    for (const name of manifests) {
      const text = this.#texts.get(name)
      const digest =
        text === undefined ? emptyBaseline.digest : (JSON.parse(text) as StoredManifest).manifest.baseline
      if (digest === emptyBaseline.digest || texts.has(digest)) continue
      const inForce = this.#baselines.has(digest) ? undefined : await this.#inForce.read()
      const baseline = inForce?.digest === digest ? inForce : await this.#baselines.get(digest)?.read()
      if (baseline) texts.set(digest, serializeBaseline(baseline))
    }
    return texts
  }
}
