import { provideKafka } from '../../test/peers/kafka.ts'
import type { BenchOptions, Measure, Outcome } from '../figure.ts'
import { inTurns } from '../rounds.ts'
import { runTask } from '../run-task.ts'
import { workloadFile } from '../workloads/workload-file.ts'
import { fillTopic } from './filled-topic.ts'
import { rate, replayed } from './replay-rate.ts'

/** From a topic to findings, beside a bare consumer that parses the same messages. */
export const kafkaToFindings: Measure = {
  id: 'kafka',
  figures: [
    {
      id: 'kafka-mixed',
      what: 'Kafka to findings, all detectors, one worker; workload mixed, two partitions, a real broker',
      unit: 'events/s',
      reference: 'bare kafkajs eachBatch with JSON.parse',
      target: { of: 'ratio', atLeast: 1 },
    },
  ],
  async run(options) {
    options.report('kafka-mixed: starting a broker')
    const kafka = await provideKafka()
    if ('skip' in kafka) return new Map<string, Outcome>([['kafka-mixed', { unavailable: kafka.skip }]])
    try {
      return new Map([['kafka-mixed', await measured(kafka.brokers, options)]])
    } finally {
      await kafka.stop()
    }
  },
}

async function measured(brokers: string[], options: BenchOptions): Promise<Outcome> {
  const { events, rounds, report, built } = options
  const { path } = workloadFile({ ...options, id: 'mixed' })
  const topic = `bench-${process.pid}-${events}`
  report('kafka-mixed: filling the topic')
  await fillTopic(brokers, topic, path)
  const [reference = Number.NaN, value = Number.NaN] = await inTurns(rounds, [
    async () => {
      report('kafka-mixed: parsing')
      const input = { brokers, topic, events }
      return rate(await runTask<{ events: number; ms: number }>('parse-topic', input, { built }))
    },
    async () => {
      report('kafka-mixed: replaying')
      return rate(await replayed({ inputs: [`kafka://${brokers.join(',')}/${topic}`] }, events, options))
    },
  ])
  return { value, reference }
}
