import { expect, it } from 'vitest'
import { picketConfigSchema } from '../../../config/picket-config.ts'
import { emptyBaseline } from '../../../core/baseline/baseline.ts'
import { Collector } from '../../../core/engine/collector.ts'
import { detectors } from '../../../detectors/detectors.ts'
import { fixedPublicKey } from '../../../ingest/privacy/pseudonym.ts'
import { walkers } from '../../../test/scenarios/walkers.ts'
import { Tally } from '../../pipeline/tally.ts'
import { sampleHash } from '../../runtime/detection.ts'
import type { StoredDetection } from '../../runtime/recording/stored-detection.ts'
import { PartitionRanges } from '../../runtime/reread/partition-ranges.ts'
import { JudgedPartition } from './judged-partition.ts'

const start = 3_600_000
const at = { partition: 'a', offset: 5 }

/** Settings that `observe` reads, so that what is collected under one means nothing to the other. */
function under(digest: string, pageRowsMax: number): StoredDetection {
  return {
    digest,
    config: picketConfigSchema.parse({}),
    detectors: detectors
      .filter(({ id }) => id === 'sequential-enumeration')
      .map((detector) => ({ detector, config: detector.config.parse({ page_rows_max: pageRowsMax }) })),
    baseline: emptyBaseline,
    key: fixedPublicKey,
  }
}

const [before, after] = [under('m1:0', 75), under('m1:1', 50)]

function judging(): JudgedPartition {
  const run = { eras: [], late: [], refused: [], notes: [], starts: new Map() }
  return new JudgedPartition(
    { partition: 0, run, late: new PartitionRanges([]), lost: new PartitionRanges([]) },
    { first: before, tally: new Tally(), detections: { layoutOf: ({ digest }) => digest } },
  )
}

const collector = new Collector('default', after.detectors, sampleHash(fixedPublicKey))
collector.observeAll(walkers(2, start, 20_000).map((event) => ({ event })))
const packs = collector.drain()

it('keeps what was collected for the next manifest until that is in force', async () => {
  const judged = judging()
  for (const pack of packs) judged.take(pack, at, 'm1:1')
  await judged.seal(start, before)
  expect(await judged.findings()).toEqual([])
  await judged.seal(start + 600_000, after)
  const found = await judged.findings()
  expect(found).toHaveLength(2)
  expect(judged.lateNow).toBe(0)
})

it('judges nothing of what was never in force', async () => {
  const judged = judging()
  for (const pack of packs) judged.take(pack, at, 'm1:1')
  await judged.seal(start + 600_000, before)
  expect(await judged.findings()).toEqual([])
})
