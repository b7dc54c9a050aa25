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

const [before, after, last] = [under('m1:0', 75), under('m1:1', 50), under('m1:2', 60)]

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

it('keeps apart what was collected for several manifests to come', async () => {
  const waiting = async () => {
    const judged = judging()
    for (const pack of packs) judged.take(pack, at, 'm1:2')
    await judged.seal(start, before)
    return judged
  }
  const [passedBy, inTime] = [await waiting(), await waiting()]
  await passedBy.seal(start + 600_000, after)
  expect(await passedBy.findings()).toEqual([])
  await inTime.seal(start, after)
  await inTime.seal(start + 600_000, last)
  expect(await inTime.findings()).toHaveLength(2)
  expect(inTime.lateNow).toBe(0)
})

it('gives what was collected for settings that came back to them', async () => {
  const judged = judging()
  await judged.seal(start, before)
  await judged.seal(start, after)
  for (const pack of packs) judged.take(pack, at, 'm1:0')
  await judged.seal(start + 1, after)
  await judged.seal(start + 600_000, before)
  expect(await judged.findings()).toHaveLength(2)
})
