import type { Finding } from '../../../core/detector/finding.ts'
import { byLastThenId } from '../../../core/detector/finding-order.ts'
import type { Positions } from '../../../core/event/position.ts'
import type { Recording } from '../../../storage/sqlite/state-logs.ts'
import { readMarks } from '../../pipeline/marks.ts'
import { Tally } from '../../pipeline/tally.ts'
import { PartitionRanges } from '../reread/partition-ranges.ts'
import { RefusedThen } from '../reread/refused-then.ts'
import { EraReader } from './era-reader.ts'
import { JudgingAgain } from './judging-again.ts'
import { type RecordedRun, recordedRun } from './recorded-run.ts'
import { type StoredDetection, storedDetection } from './stored-detection.ts'

export interface ReplayRecordedOptions {
  readonly recording: Recording
  readonly dataDir: string
  /** The manifest to judge all by; the ones that were in force, each in its time, when absent. */
  readonly manifest?: string
  readonly signal: AbortSignal
  readonly onProgress?: (tally: Tally, eventTime: number) => void
}

export interface RecordedFindings {
  /** Final findings in their last state, by (last, id). */
  readonly findings: readonly Finding[]
  readonly tally: Tally
  /** In the order in which they were in force. */
  readonly manifests: readonly string[]
  /** Events that were in time when they were read first and are late now: what was read again differs. */
  readonly lateNow: number
  /** Event time up to which everything was sealed, epoch milliseconds. */
  readonly end: number
}

/**
 * Judges again what a run judged, from its sources: the same events under the same manifests, sealed up to the same
 * points, without those that were late or refused. Starts empty, writes nothing and acts on nothing.
 *
 * @throws NotRecorded, RangeGone
 */
export async function replayRecorded(options: ReplayRecordedOptions): Promise<RecordedFindings> {
  const { recording, dataDir, manifest, signal, onProgress } = options
  const run = recordedRun({ ...recording, watermark: readMarks(recording.marks)?.watermark ?? 0 })
  const late = new PartitionRanges(run.late)
  const refused = new RefusedThen(run.refused)
  const tally = new Tally()
  const manifests = [...new Set(run.eras.map((era) => manifest ?? era.manifest))]
  const detections = manifests.map((digest) => storedDetection(digest, recording, dataDir))
  const judging = new JudgingAgain(detections[0] as StoredDetection, tally)
  let lateNow = 0
  let positions: Positions = run.starts
  for (const era of run.eras) {
    const digest = manifest ?? era.manifest
    const detection = detections.find((one) => one.digest === digest) as StoredDetection
    await judging.turnTo(detection)
    const reader = new EraReader({
      sources: era.sources,
      recording,
      detection,
      refused,
      from: positions,
      ends: new Map(era.cuts.flatMap((cut) => cut.positions)),
      tally,
      signal,
      onEvents(events) {
        for (const { event, offset, lane } of events) {
          const range = late.find(lane.key, offset)
          if (range && event.time < range.at) tally.addLate(lane)
          else if (!judging.engine.observe(event)) lateNow++
        }
      },
    })
    try {
      for (const cut of era.cuts) {
        for (const [key, to] of cut.positions) await reader.readTo(key, to)
        await judging.sealTo(cut.at)
        onProgress?.(tally, judging.watermark)
      }
    } finally {
      await reader.close()
    }
    positions = reader.positions
  }
  const findings = withNotes(await judging.findings(), manifest === undefined ? run.notes : [])
  return { findings, tally, manifests, lateNow, end: judging.watermark }
}

/** With findings about Picket itself as they were told, by (last, id). */
export function withNotes(found: readonly Finding[], notes: RecordedRun['notes']): Finding[] {
  const byId = new Map([...found, ...notes.map(({ finding }) => finding)].map((one) => [one.id, one]))
  return [...byId.values()].filter(({ state }) => state === 'final').sort(byLastThenId)
}
