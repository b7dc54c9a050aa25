import { stdin } from 'node:process'
import type { Source } from '../../core/ports/source.ts'
import { FileSource } from '../../ingest/sources/files/file-source.ts'
import { KafkaSource } from '../../ingest/sources/kafka/kafka-source.ts'
import { inflatedInput } from '../../ingest/sources/stdin/inflated-input.ts'
import { StdinSource } from '../../ingest/sources/stdin/stdin-source.ts'
import { ExitError, exitCodes } from './exit.ts'

const kafkaUrl = /^kafka:\/\/([^/]+)\/([A-Za-z0-9._,-]+)$/

/** What `picket replay` was given: files are one source and merged by time, topics are read up to their end. */
export function sourcesOf(inputs: readonly string[]): Source[] {
  const sources: Source[] = []
  const paths = inputs.filter((input) => input !== '-' && !input.startsWith('kafka:'))
  if (paths.length > 0) sources.push(new FileSource({ id: 'file', paths }))
  if (inputs.includes('-')) sources.push(new StdinSource({ id: 'stdin', input: inflatedInput(stdin) }))
  for (const input of inputs.filter((one) => one.startsWith('kafka:'))) sources.push(kafkaSource(input))
  return sources
}

function kafkaSource(input: string): KafkaSource {
  const [, brokers, topics] = kafkaUrl.exec(input) ?? []
  if (!brokers || !topics) {
    throw new ExitError(exitCodes.usage, `${input}: write kafka://host:port[,host:port]/topic[,topic]`)
  }
  return new KafkaSource({
    id: 'kafka',
    connection: { clientId: 'picket-replay', brokers: brokers.split(',') },
    topics: topics.split(','),
    groupId: 'picket-replay',
    from: 'earliest',
    until: 'end',
  })
}
