import type { Finding } from '../../../core/detector/finding.ts'
import { byLastThenId } from '../../../core/detector/finding-order.ts'
import type { Engine } from '../../../core/engine/engine.ts'
import type { Positions } from '../../../core/event/position.ts'
import { MemoryStateStore } from '../../../storage/memory/memory-state-store.ts'
import type { Recording } from '../../../storage/sqlite/state-logs.ts'
import { Tally } from '../../pipeline/tally.ts'
import { createDetection } from '../detection.ts'
import { EraReader } from './era-reader.ts'
import { recordedRun } from './recorded-run.ts'
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
  const run = recordedRun(recording)
  const store = new MemoryStateStore()
  const tally = new Tally()
  const manifests = [...new Set(run.eras.map((era) => manifest ?? era.manifest))]
  const detections = new Map(manifests.map((digest) => [digest, storedDetection(digest, recording, dataDir)]))
  let lateNow = 0
  let positions: Positions = new Map()
  let watermark = Number.NEGATIVE_INFINITY
  let engine: Engine | undefined
  let inForce: StoredDetection | undefined
  for (const era of run.eras) {
    const detection = detections.get(manifest ?? era.manifest) as StoredDetection
    if (!engine || detection !== inForce) engine = await restoredEngine(detection, store, watermark)
    inForce = detection
    const reader = new EraReader({ run, era, recording, detection, tally, signal, from: positions })
    try {
      for (const cut of era.cuts) {
        lateNow += await reader.readTo(cut, engine)
        if (cut.at > 0) engine.advance(cut.at)
        watermark = cut.at > 0 ? cut.at : watermark
        await commit(engine, store, tally)
        onProgress?.(tally, watermark)
      }
    } finally {
      await reader.close()
    }
    positions = reader.positions
  }
  if (manifest === undefined) await store.commit({ findings: run.notes.map(({ finding }) => finding) })
  const findings = (await store.findings()).filter(({ state }) => state === 'final')
  return { findings: [...findings].sort(byLastThenId), tally, manifests, lateNow, end: watermark }
}

/** What a process finds that starts under another manifest: the state of the one before. */
async function restoredEngine(
  detection: StoredDetection,
  store: MemoryStateStore,
  watermark: number,
): Promise<Engine> {
  const { engine } = createDetection({ ...detection, lane: 'replay', keeping: 'packs' })
  for await (const pack of store.packs()) engine.restore(pack)
  engine.restored(watermark, (await store.restore()).openFindings)
  return engine
}

async function commit(engine: Engine, store: MemoryStateStore, tally: Tally): Promise<void> {
  const { findings } = engine.drain()
  await store.commit({ findings, packs: engine.cutState().packs() })
  tally.add(findings, [])
}
