import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, inject, test } from 'vitest'
import type { Rdkafka } from '../../ingest/sources/kafka/rdkafka/rdkafka-module.ts'
import { skipOrThrow } from './skip.ts'

/** A `describe` over a real node-rdkafka, or one skipped test that says why there is none. */
export function describeRdkafka(title: string, tests: (rdkafka: Rdkafka) => void): void {
  const peer = inject('rdkafkaBuild') ?? { skip: 'vitest runs without test/peers/global-setup.ts' }
  if ('skip' in peer) test.skip(`${title} (skipped: ${skipOrThrow(peer.skip).skip})`)
  else {
    const load = createRequire(join(peer.folder, 'package.json'))
    describe(title, () => tests(load('node-rdkafka') as Rdkafka))
  }
}
