/** What is used of the package node-rdkafka 3, which is an optional peer dependency and so has no types here. */
export interface Rdkafka {
  readonly KafkaConsumer: new (
    settings: Readonly<Record<string, unknown>>,
    topicSettings: Readonly<Record<string, unknown>>,
  ) => RdkafkaClient
  /** Codecs and mechanisms that it was built with. */
  readonly features: readonly string[]
}

export interface RdkafkaMessage {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly value: Buffer | null
  readonly timestamp?: number
}

export interface RdkafkaPosition {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** `code` is one of librdkafka's `rd_kafka_resp_err_t`. */
export interface RdkafkaError extends Error {
  readonly code: number
}

export interface RdkafkaClient {
  connect(options: object, done: (error: RdkafkaError | null) => void): void
  disconnect(done: () => void): void
  subscribe(topics: readonly string[]): void
  unsubscribe(): void
  assign(positions: readonly RdkafkaPosition[]): void
  unassign(): void
  consume(
    count: number,
    done: (error: RdkafkaError | null, messages: readonly RdkafkaMessage[]) => void,
  ): void
  setDefaultConsumeTimeout(ms: number): void
  getWatermarkOffsets(
    topic: string,
    partition: number,
  ): { readonly lowOffset: number; readonly highOffset: number }
  commit(positions: readonly RdkafkaPosition[]): void
  on(event: 'event.error', listener: (error: RdkafkaError) => void): void
  on(event: 'partition.eof', listener: (position: RdkafkaPosition) => void): void
}

/** Codes of librdkafka. */
export const codes = {
  assign: -175,
  revoke: -174,
  badCompression: -198,
  notImplemented: -170,
  allBrokersDown: -187,
  unknownTopic: 3,
  unknownPartition: -190,
  maxPollExceeded: -147,
} as const

/** The package can't be loaded: what is wrong, and how to get it. */
export class RdkafkaMissing extends Error {
  readonly what: string
  readonly todo: string

  constructor(cause: unknown) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    const what = `\`client: rdkafka\` needs the package node-rdkafka, which can't be loaded (${why})`
    const todo =
      'run `npm install node-rdkafka` where Picket is installed (it compiles for some minutes, and needs a C++ compiler ' +
      'and Python), or use kafkajs'
    super(`${what}: ${todo}`, { cause })
    this.what = what
    this.todo = todo
  }
}

/** Loads the package, or throws `RdkafkaMissing`. */
export async function loadRdkafka(): Promise<Rdkafka> {
  // Not a literal, because the package is not there when Picket is compiled.
  const name = 'node-rdkafka'
  try {
    const loaded = (await import(name)) as { readonly default: Rdkafka }
    return loaded.default
  } catch (error) {
    throw new RdkafkaMissing(error)
  }
}
