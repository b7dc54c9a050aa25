import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { openCopier } from '../../cli/runtime/open-copier.ts'
import { picketConfigSchema } from '../../config/picket-config.ts'
import { AnalyticsError } from '../../storage/clickhouse/analytics-error.ts'
import { copyRows } from './copy-rows.ts'

/**
 * Takes rows for ever with a store that is away, in the data folder named on the command line, and prints how many it
 * has taken whenever nothing but the batch that is being sent is in memory: so many less that batch are on disk alone.
 */
const [, , dataDir = ''] = process.argv
const away = {
  prepare: async () => {},
  insert: () => Promise.reject(new AnalyticsError('unreachable', 'the store is away')),
  measureBuckets: async () => [],
  close: async () => {},
}
const config = { ...picketConfigSchema.parse({}), data_dir: dataDir }
const copier = await openCopier(config, 'live', away, () => undefined, { batchRows: 50, memoryBatches: 1 })
for (let taken = 0; ; ) {
  copyRows(copier, taken, 50)
  taken += 50
  if (copier.memoryBytes < 20_000) process.stdout.write(`${taken}\n`)
  await sleep(1)
}
