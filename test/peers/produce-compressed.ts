import { join } from 'node:path'
import { kafkaJars } from './kafka-jars.ts'
import { runCommand } from './run-command.ts'

/** What one run of Kafka's own producer writes to partition 0 of a topic. */
export interface CompressedTopic {
  readonly topic: string
  readonly codec: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  /** So many records as `compressedRecord` makes them, or one of so many zeros. */
  readonly records: number | { readonly zeros: number }
}

/** Value of the record at an offset. */
export function compressedRecord(offset: number): string {
  return `${offset} ${'événement/'.repeat(offset % 40)}`
}

/** Produces with the Java client, in a process of its own. Takes some seconds; the jars are those of the broker. */
export async function produceCompressed(
  brokers: readonly string[],
  topics: readonly CompressedTopic[],
): Promise<void> {
  const jars = await kafkaJars()
  if ('skip' in jars) throw new Error(jars.skip)
  const source = join(import.meta.dirname, 'ProduceCompressed.java')
  const wanted = topics.map(({ topic, codec, records }) =>
    typeof records === 'number' ? `${topic}:${codec}:${records}` : `${topic}:${codec}:zeros:${records.zeros}`,
  )
  const java = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx1g', '-Dlog4j2.level=ERROR']
  await runCommand({
    command: 'java',
    args: [...java, '-cp', jars.classPath, source, brokers.join(','), ...wanted],
  })
}
