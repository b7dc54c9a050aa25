import { z } from 'zod'
import { duration } from './values.ts'

/** More would share a hash shard, by which the bounds of detectors count: `partitionsMax` in core. */
const partitionsMost = 64

/** Several processes, with Kafka between them. */
export const cluster = z
  .strictObject({
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'is no beginning of a Kafka topic name')
      .default('picket')
      .describe(
        "Begins the names of Picket's topics, groups and transactions, such as picket.observations. Default 'picket'. Two installations on one Kafka need two; another one begins with no state.",
      ),
    partitions: z
      .number()
      .int()
      .min(1)
      .max(partitionsMost)
      .default(8)
      .describe(
        'Partitions that entities are spread over, and so the most `detect` processes that share the work. Default 8. It is fixed once the topics are there; each costs up to four transactions a second.',
      ),
    replication: z
      .number()
      .int()
      .min(1)
      .max(16)
      .optional()
      .describe(
        "Replicas of the topics that Picket creates. Default: the brokers' default.replication.factor. With 1 a lost broker loses state.",
      ),
    session_timeout: duration
      .default('10s')
      .describe(
        'After how long without a sign of life the work of a process is given to others. Default 10s. Shorter takes over sooner, and takes a process that pauses for dead; the brokers allow no less than their group.min.session.timeout.ms.',
      ),
  })
  .describe(
    'Splits the roles ingest, detect, respond, serve and copy over processes, with the Kafka that events come from between them. Default: one process with its state in `data_dir`.',
  )
