import { describe, inject, test } from 'vitest'
import { skipOrThrow } from './skip.ts'

/** A `describe` that runs against the shared real Kafka, or shows one skipped test that says why it can't. */
export function describeKafka(name: string, tests: (brokers: string[]) => void): void {
  const peer = inject('kafkaBrokers') ?? { skip: 'vitest runs without test/peers/global-setup.ts' }
  if ('skip' in peer) test.skip(`${name} (skipped: ${skipOrThrow(peer.skip).skip})`)
  else describe(name, () => tests(peer.brokers))
}
