import { createSimulatedHttpClient } from '../../actions/http/simulated-http-client.ts'
import type { LoadedConfig } from '../../config/load-config.ts'
import { type Baseline, emptyBaseline } from '../../core/baseline/baseline.ts'
import type { Decision } from '../../core/decision/decision.ts'
import { DecisionTable } from '../../core/decision/decision-table.ts'
import type { Detector } from '../../core/detector/detector.ts'
import type { Finding } from '../../core/detector/finding.ts'
import { byLastThenId } from '../../core/detector/finding-order.ts'
import { fileLatenessMs, Watermarks } from '../../core/engine/watermarks.ts'
import type { DeadLetter } from '../../core/event/refusal.ts'
import type { Restored } from '../../core/ports/state-store.ts'
import type { Run } from '../../core/response/run.ts'
import type { FormatId } from '../../ingest/formats/formats.ts'
import { fixedPublicKey } from '../../ingest/privacy/pseudonym.ts'
import { MemoryStateStore } from '../../storage/memory/memory-state-store.ts'
import { type EngineTeam, openTeam } from '../parallel/engine-team.ts'
import { cutPart } from '../pipeline/cut-part.ts'
import { type Feed, intake } from '../pipeline/intake.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import type { Tally } from '../pipeline/tally.ts'
import { createDetection, type Detection } from './detection.ts'
import { noKillSwitch } from './kill-switch-file.ts'
import { laneOpener } from './lanes.ts'
import { RecordedResponse } from './recorded-response.ts'
import { sourcesOf } from './recorded-sources.ts'
import { createResponder } from './responder.ts'
import { RecordedWatch } from './status/recorded-watch.ts'
import { wantedFields } from './wanted-fields.ts'

export interface ReplayOptions {
  readonly loaded: LoadedConfig<Detector>
  /** Files, `-` for standard input, `kafka://host:port/topic,topic` for topics up to their end. */
  readonly inputs: readonly string[]
  readonly format?: FormatId
  readonly baseline?: Baseline
  /** The space's key; the fixed public one when absent. */
  readonly key?: Uint8Array
  /** Threads that judge, this one included; the detectors are dealt out among them. 1 when absent. */
  readonly workers?: number
  /** Told of each input that is refused as no event, in the order in which they are read. */
  readonly onDeadLetter?: (letter: DeadLetter) => void
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
  /** What a person should know of the recording besides. */
  readonly notices: readonly string[]
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
  const { config, detectors } = options.loaded
  const workers = Math.min(options.workers ?? 1, detectors.length)
  const key = options.key ?? fixedPublicKey
  const common = { config, lane: 'replay', key, keeping: 'nothing' } as const
  const baseline = options.baseline ?? emptyBaseline
  const { engine, digest } = createDetection({
    ...common,
    detectors,
    baseline,
    share: { index: 0, of: workers },
  })
  const team = openTeam({ ...common, detectors, baseline }, workers)
  try {
    return await judge(options, { engine, digest, team })
  } finally {
    await team?.close()
  }
}

interface Judging extends Pick<Detection, 'engine' | 'digest'> {
  readonly team: EngineTeam | undefined
}

async function judge(options: ReplayOptions, { engine, digest, team }: Judging): Promise<Replayed> {
  const { loaded, onProgress, onDeadLetter } = options
  const store = new MemoryStateStore()
  const restored = await store.restore()
  const table = new DecisionTable()
  const executor = createResponder({
    loaded,
    lane: 'replay',
    store,
    table,
    engine,
    clock: { now: () => response.now },
    killSwitch: noKillSwitch,
    page: { http: createSimulatedHttpClient(), routingKey: 'simulated' },
    sleep: async () => {},
  })
  const watch = new RecordedWatch(loaded.detectors.map(({ detector }) => detector))
  const pipeline = new Pipeline({
    engine,
    onItems: (items) => watch.sample(items),
    watermarks: new Watermarks(),
    store,
    executor,
    ...(team ? { team } : {}),
  })
  const response = new RecordedResponse(pipeline, executor, team ? sliceMs : 0)
  await pipeline.resume(restored, { manifest: digest })
  await executor.resume(restored)
  const formats = new Map<string, FormatId | undefined>()
  const { signal } = new AbortController()
  const failures: Error[] = []
  let due = eventsPerCheckpoint
  const feeds = feedsOf(options, restored)
  for await (const whole of intake(feeds, new Map(), signal, {
    onFailure: (error) => failures.push(error),
  })) {
    if (whole.news) {
      const { lane, report } = whole.news
      formats.set(lane.partition, report.format)
      if (onDeadLetter) report.deadLetters.forEach(onDeadLetter)
    }
    for (const part of cutPart(whole, ({ time }, first) => time >= first.time + sliceMs)) {
      pipeline.take(part)
      watch.held(() => [...engine.entityCounts(), ...(team?.entityCounts ?? [])])
      const isDue = pipeline.tally.events >= due
      const hasFindings = pipeline.seal()
      if (!hasFindings && !isDue && !response.isLagging) continue
      if (isDue) due = pipeline.tally.events + eventsPerCheckpoint
      await response.take()
      if (isDue) onProgress?.(pipeline.tally, engine.watermark)
    }
  }
  pipeline.end()
  await response.take()
  await response.finish()
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
    notices: watch.notices(pipeline.tally),
  }
}

/** The inputs, and how their lines become events. */
function feedsOf(
  { loaded, inputs, format, key = fixedPublicKey }: ReplayOptions,
  restored: Restored,
): Feed[] {
  const { config, detectors } = loaded
  const wanted = wantedFields(detectors, false)
  const open = laneOpener({ config, key, restored, wanted })
  return sourcesOf(inputs).map((source) => ({
    source,
    laneOf: open({
      source: source.id,
      latenessMs: fileLatenessMs,
      formatOf: () => format,
      vantageOf: () => undefined,
      // Whoever replays a recording vouches for it.
      trustsMarksOf: () => true,
    }),
  }))
}
