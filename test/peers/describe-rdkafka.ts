import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import type { Rdkafka } from '../../ingest/sources/kafka/rdkafka/rdkafka-module.ts'
import { rdkafkaFolder } from './rdkafka-build.ts'

/** A `describe` over node-rdkafka where it was built before; without it nothing is registered, which is no skipped promise in CI. */
export function describeRdkafka(title: string, tests: (rdkafka: Rdkafka) => void): void {
  if (existsSync(rdkafkaFolder)) {
    const load = createRequire(join(rdkafkaFolder, 'package.json'))
    describe(title, () => tests(load('node-rdkafka') as Rdkafka))
  } else if (process.env.CI !== 'true') {
    test.skip(`${title} (skipped: node-rdkafka is not built; npm run provision:rdkafka does it)`)
  }
}
