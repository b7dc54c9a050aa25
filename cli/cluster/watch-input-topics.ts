import { sleepUntil } from '../runtime/signal-waits.ts'
import type { Cluster } from './cluster.ts'

const watchMsDefault = 10_000

/** Looks which topics match, and again and again until the signal. Does nothing without patterns. Rejects when the first look fails. */
export async function watchInputTopics(
  { inputs, admin, log, watchMs = watchMsDefault }: Pick<Cluster, 'inputs' | 'admin' | 'log' | 'watchMs'>,
  signal: AbortSignal,
): Promise<void> {
  if (!inputs.hasPatterns) return
  inputs.look(await admin.listTopics())
  void lookOn()

  async function lookOn(): Promise<void> {
    for (;;) {
      await sleepUntil(watchMs, signal)
      if (signal.aborted) return
      try {
        inputs.look(await admin.listTopics())
      } catch (error) {
        if (!signal.aborted) log.warn({ err: error }, "can't ask Kafka which topics there are")
      }
    }
  }
}
