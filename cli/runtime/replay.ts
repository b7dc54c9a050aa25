import { createSimulatedHttpClient } from '../../actions/http/simulated-http-client.ts'
import type { LoadedConfig } from '../../config/load-config.ts'
import type { Baseline } from '../../core/baseline/baseline.ts'
import type { Decision } from '../../core/decision/decision.ts'
import { DecisionTable } from '../../core/decision/decision-table.ts'
import type { Detector } from '../../core/detector/detector.ts'
import type { Finding } from '../../core/detector/finding.ts'
import { byLastThenId } from '../../core/detector/finding-order.ts'
import { fileLatenessMs, Watermarks } from '../../core/engine/watermarks.ts'
import type { Run } from '../../core/response/run.ts'
import type { FormatId } from '../../ingest/formats/formats.ts'
import { fixedPublicKey } from '../../ingest/privacy/pseudonym.ts'
import { MemoryStateStore } from '../../storage/memory/memory-state-store.ts'
import { cutPart } from '../pipeline/cut-part.ts'
import { intake } from '../pipeline/intake.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import type { Tally } from '../pipeline/tally.ts'
import { createDetection } from './detection.ts'
import { noKillSwitch } from './kill-switch-file.ts'
import { laneOpener } from './lanes.ts'
import { sourcesOf } from './recorded-sources.ts'
import { createResponder } from './responder.ts'
import { wantedFields } from './wanted-fields.ts'

export interface ReplayOptions {
  readonly loaded: LoadedConfig<Detector>
  /** Files, `-` for standard input, `kafka://host:port/topic,topic` for topics up to their end. */
  readonly inputs: readonly string[]
  readonly format?: FormatId
  readonly baseline?: Baseline
  readonly onProgress?: (tally: Tally, eventTime: number) => void
}

export interface Replayed {
  /** Final findings in their last state, by (last, id). */
  readonly findings: readonly Finding[]
  readonly runs: readonly Run[]
  /** In force at the end of the recording. */
  readonly decisions: readonly Decision[]
  readonly tally: Tally
  /** Inputs that could not be read to their end; what was read of them is judged. */
  readonly failures: readonly Error[]
  readonly manifest: string
  /** Where event time ended, epoch milliseconds. */
  readonly end: number
  /** Formats told by partition. */
  readonly formats: ReadonlyMap<string, FormatId | undefined>
}

/** Response sees findings at least this finely in event time, as it would live. */
const sliceMs = 15_000
/** Events between two lines of progress. */
const eventsPerCheckpoint = 8192

/**
 * Judges recordings by the same code as live, in their own time: hermetic, so it starts empty, acts on nothing real
 * and writes nothing. The response clock is the watermark.
 */
export async function replay(options: ReplayOptions): Promise<Replayed> {
  const { loaded, onProgress } = options
  const { config, detectors } = loaded
  const { engine, digest } = createDetection({
    config,
    detectors,
    lane: 'replay',
    key: fixedPublicKey,
    durable: false,
    ...(options.baseline ? { baseline: options.baseline } : {}),
  })
  const store = new MemoryStateStore()
  const restored = await store.restore()
  const table = new DecisionTable()
  const executor = createResponder({
    loaded,
    lane: 'replay',
    store,
    table,
    engine,
    clock: { now: () => Math.max(0, engine.watermark) },
    killSwitch: noKillSwitch,
    page: { http: createSimulatedHttpClient(), routingKey: 'simulated' },
    sleep: async () => {},
  })
  const pipeline = new Pipeline({ engine, watermarks: new Watermarks(), store, executor })
  await pipeline.resume(restored, digest)
  await executor.resume(restored)
  const open = laneOpener({
    config,
    key: fixedPublicKey,
    restored,
    wanted: wantedFields(detectors, false),
  })
  const formats = new Map<string, FormatId | undefined>()
  const { signal } = new AbortController()
  const failures: Error[] = []
  let due = eventsPerCheckpoint
  const settle = async () => {
    await executor.idle()
    await executor.reconcile()
  }
  const feeds = sourcesOf(options.inputs).map((source) => ({
    source,
    laneOf: open({
      source: source.id,
      latenessMs: fileLatenessMs,
      formatOf: () => options.format,
      vantageOf: () => undefined,
      // Whoever replays a recording vouches for it.
      trustsMarksOf: () => true,
    }),
  }))
  for await (const whole of intake(feeds, new Map(), signal, {
    onFailure: (error) => failures.push(error),
  })) {
    if (whole.news) formats.set(whole.news.lane.partition, whole.news.report.format)
    for (const part of cutPart(whole, ({ time }, first) => time >= first.time + sliceMs)) {
      pipeline.take(part)
      const isDue = pipeline.tally.events >= due
      if (!pipeline.seal() && !isDue) continue
      if (isDue) due = pipeline.tally.events + eventsPerCheckpoint
      await pipeline.checkpoint()
      await settle()
      if (isDue) onProgress?.(pipeline.tally, engine.watermark)
    }
  }
  await pipeline.finish()
  await settle()
  const findings = (await store.findings()).filter((finding) => finding.state === 'final')
  return {
    findings: [...findings].sort(byLastThenId),
    runs: await store.runs(),
    decisions: table.list(),
    tally: pipeline.tally,
    failures,
    manifest: digest,
    end: engine.watermark,
    formats,
  }
}
