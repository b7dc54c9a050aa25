import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { Kafka, logLevel } from 'kafkajs'
import {
  type EmbeddedClickHouse,
  startEmbeddedClickHouse,
} from '../../storage/clickhouse/embedded/embedded-clickhouse.ts'

/** A ClickHouse that the processes copy to, and what is in it. */
export class Copies {
  readonly #engine: EmbeddedClickHouse
  readonly #client: ReturnType<typeof createClient>

  private constructor(engine: EmbeddedClickHouse) {
    this.#engine = engine
    const { url, token: password } = engine
    this.#client = createClient({ url, password, log: { level: ClickHouseLogLevel.OFF } })
  }

  static async open(folder: string): Promise<Copies> {
    return new Copies(await startEmbeddedClickHouse({ folder }))
  }

  /** For a configuration; its password comes with `secrets`. */
  get config(): string {
    return `clickhouse: { url: '${this.#engine.url}', password: env:PICKET_TEST_CLICKHOUSE }`
  }

  get secrets(): Record<string, string> {
    return { PICKET_TEST_CLICKHOUSE: this.#engine.token }
  }

  /** kill -9 of the engine, which is started again by itself. Returns whether there was something to kill. */
  kill(): boolean {
    const pid = this.#engine.pid()
    return pid !== undefined && process.kill(pid, 'SIGKILL')
  }

  /** Where each row of an event came from; none while nobody answers. */
  async places(): Promise<readonly string[]> {
    const query =
      "SELECT concat(partition, ' ', toString(offset)) AS place FROM picket.events ORDER BY partition, offset"
    const answer = await this.#client.query({ query, format: 'JSONEachRow' }).catch(() => undefined)
    return ((await answer?.json<{ place: string }>()) ?? []).map(({ place }) => place)
  }

  async close(): Promise<void> {
    await this.#client.close()
    await this.#engine.stop()
  }
}

/** Everything that a topic holds, in the words of `places`. */
export async function placesOf(brokers: readonly string[], topic: string): Promise<readonly string[]> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  const ranges = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  return ranges
    .sort((left, right) => left.partition - right.partition)
    .flatMap(({ partition, high }) =>
      Array.from({ length: Number(high) }, (_, offset) => `${topic}:${partition} ${offset}`),
    )
}
