import { setTimeout as sleep } from 'node:timers/promises'

/** What passes by itself: topics and groups that a broker has only just heard of, or is loading. */
const passing: ReadonlySet<unknown> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
])

const withinMs = 5000
const againMs = 250

/**
 * Asks again, for five seconds, while the answer is one that passes: kafkajs' admin does so for few questions. `onPassing` is told
 * before each time.
 */
export async function whilePassing<T>(ask: () => Promise<T>, onPassing: () => void = () => {}): Promise<T> {
  const giveUpAt = performance.now() + withinMs
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!passing.has(kafkaErrorType(error)) || performance.now() > giveUpAt) throw error
      onPassing()
      await sleep(againMs)
    }
  }
}

/** Kafka's own name for what went wrong, which kafkajs hides in the cause of its error once it has tried often enough. */
export function kafkaErrorType(error: unknown): unknown {
  for (let at = error; at instanceof Error; at = at.cause) if ('type' in at) return at.type
  return undefined
}
