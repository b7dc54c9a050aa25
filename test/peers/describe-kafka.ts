import { describe, inject, test } from 'vitest'
import type { KafkaSecurity } from './kafka-security.ts'
import { skipOrThrow } from './skip.ts'

/** A `describe` that runs against the shared real Kafka, or shows one skipped test that says why it can't. */
export function describeKafka(name: string, tests: (brokers: string[]) => void): void {
  const peer = inject('kafkaBrokers') ?? { skip: 'vitest runs without test/peers/global-setup.ts' }
  if ('skip' in peer) test.skip(`${name} (skipped: ${skipOrThrow(peer.skip).skip})`)
  else describe(name, () => tests(peer.brokers))
}

/** The same for its listeners with TLS and log-in; a broker that was there before has none that we know. */
export function describeSecureKafka(
  name: string,
  tests: (security: KafkaSecurity, brokers: string[]) => void,
): void {
  const peer = inject('kafkaBrokers') ?? { skip: 'vitest runs without test/peers/global-setup.ts' }
  const why =
    'skip' in peer
      ? peer.skip
      : 'the broker has no such listeners: it was there before (KAFKA_BROKERS), or openssl is not installed'
  if ('skip' in peer || !peer.security) test.skip(`${name} (skipped: ${skipOrThrow(why).skip})`)
  else {
    const { security, brokers } = peer
    describe(name, () => tests(security, brokers))
  }
}
