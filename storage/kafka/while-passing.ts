import { setTimeout as sleep } from 'node:timers/promises'

/** What passes by itself: topics and groups that a broker has only just heard of, or is loading. */
const passing: ReadonlySet<unknown> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
])

const triesMax = 20
const againMs = 250

/** Asks again, for five seconds, while the answer is one that passes: kafkajs' admin does so for few questions. */
export async function whilePassing<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      const isPassing = error instanceof Error && 'type' in error && passing.has(error.type)
      if (!isPassing || tries === triesMax) throw error
      await sleep(againMs)
    }
  }
}
