import type { Logger } from 'pino'
import type { PicketConfig } from '../../config/picket-config.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Restored, StateStore } from '../../core/ports/state-store.ts'
import { KafkaDeadLetters } from '../../ingest/refusals/kafka-dead-letters.ts'
import { openReadOnly } from '../../storage/sqlite/sqlite-state-store.ts'
import type { Closers } from './closers.ts'
import { DeadLetterForwarder } from './dead-letter-forwarder.ts'
import { kafkaConnection } from './kafka-connection.ts'
import { realWaits } from './waits.ts'

export interface DeadLettersRun {
  readonly config: PicketConfig
  readonly store: Pick<StateStore, 'commit'>
  readonly restored: Pick<Restored, 'marks'>
  readonly clock: Clock
  readonly log: Logger
}

/** A receiver that is away must not hold up the stop. */
const closeMsMax = 3000

/** Sends on what is refused, if a topic is configured; ends with the closers. Throws `SecretError`. */
export async function openDeadLetters(
  { config, store, restored, clock, log }: DeadLettersRun,
  closers: Closers,
): Promise<void> {
  const { kafka } = config.dead_letters
  if (!kafka) return
  const receiver = new KafkaDeadLetters(kafkaConnection(kafka), kafka.topic)
  const state = await openReadOnly(config.data_dir)
  const stop = new AbortController()
  const forwarder = new DeadLetterForwarder({
    letters: { after: (seq, limit) => state.deadLettersAfter(seq, limit) },
    send: (messages) => receiver.send(messages),
    commit: (changes) => store.commit(changes),
    marks: restored.marks,
    clock,
    waits: realWaits,
    onNotice: (text) => log.warn(text),
  })
  const running = forwarder.run(stop.signal)
  closers.add(async () => {
    stop.abort()
    await Promise.race([running, realWaits.sleep(closeMsMax, new AbortController().signal)])
    await receiver.close()
    await state.close()
  })
}
