import { readMarks } from '../../cli/pipeline/marks.ts'
import { createDetection } from '../../cli/runtime/detection.ts'
import { laneOpener } from '../../cli/runtime/lanes.ts'
import { recordedRun } from '../../cli/runtime/recording/recorded-run.ts'
import { PartitionRanges } from '../../cli/runtime/reread/partition-ranges.ts'
import { RefusedThen } from '../../cli/runtime/reread/refused-then.ts'
import { wantedFields } from '../../cli/runtime/wanted-fields.ts'
import type { Finding } from '../../core/detector/finding.ts'
import { partitionKey } from '../../core/event/position.ts'
import { canonicalJson } from '../../core/manifest/canonical-json.ts'
import type { ControlEntry } from '../../core/manifest/control-log.ts'
import { fixedPublicKey } from '../../ingest/privacy/pseudonym.ts'
import { laneTraits, settings } from './settings.ts'
import type { World } from './world.ts'

/** What a replay of the control log finds must be what the run found: see docs/replay.md. */
export function checkRecorded(world: World, stored: readonly Finding[]): void {
  const { memory } = world
  const control = memory.control.map((body) => JSON.parse(body) as ControlEntry)
  const { positions, marks } = memory
  const run = recordedRun({ control, positions, watermark: readMarks(marks)?.watermark ?? 0 })
  const { engine } = createDetection({ ...settings, lane: 'live', key: fixedPublicKey, keeping: 'nothing' })
  const refused = new RefusedThen(run.refused)
  const late = new PartitionRanges(run.late)
  const open = laneOpener({
    config: settings.config,
    key: fixedPublicKey,
    restored: { positions: new Map(), marks: new Map() },
    wanted: wantedFields(settings.detectors, false),
  })
  const found = new Map<string, Finding>()
  const next = new Map<string, number>()
  const lanes = new Map(
    world.partitions.map(({ source, name, records }) => {
      return [partitionKey(source, name), { lane: open(laneTraits(source))(name), records }]
    }),
  )
  for (const cut of run.eras.flatMap(({ cuts }) => cuts)) {
    for (const [key, to] of cut.positions) {
      const from = next.get(key) ?? 0
      const partition = lanes.get(key)
      if (!partition || from >= to) continue
      const raw = partition.records
        .filter(({ offset }) => offset >= from && offset < to)
        .map(({ line, offset }) => {
          const bytes = Buffer.from(line)
          return { bytes, start: 0, end: bytes.length, offset }
        })
      for (const { event, offset } of partition.lane.take(refused.accepted(key, raw), to)) {
        const behind = late.find(key, offset)
        if (behind && event.time < behind.at) continue
        if (!engine.observe(event))
          world.violate(`replayed, offset ${offset} of ${key} is late, which it was not`)
      }
      next.set(key, to)
    }
    if (cut.at > 0) engine.advance(cut.at)
    for (const finding of engine.drain().findings) found.set(finding.id, finding)
  }
  const textOf = (findings: Iterable<Finding>) =>
    [...findings]
      .filter(({ state }) => state === 'final')
      .map((finding) => canonicalJson(finding))
      .sort()
      .join('\n')
  if (textOf(found.values()) !== textOf(stored))
    world.violate('a replay of the control log finds something else')
}
