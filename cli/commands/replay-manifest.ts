import type { LoadedConfig } from '../../config/load-config.ts'
import type { Detector } from '../../core/detector/detector.ts'
import type { FormatId } from '../../ingest/formats/formats.ts'
import { RangeGone } from '../../ingest/sources/range-gone.ts'
import type { Tally } from '../pipeline/tally.ts'
import { safeText } from '../render/safe-text.ts'
import { type DataDirFlags, dataDirOf, loadWithDataDir } from '../runtime/data-dir.ts'
import { ExitError, exitCodes } from '../runtime/exit.ts'
import { readState } from '../runtime/read-state.ts'
import { NotRecorded } from '../runtime/recording/recorded-run.ts'
import {
  type RecordedFindings,
  type ReplayRecordedOptions,
  replayRecorded,
} from '../runtime/recording/replay-recorded.ts'
import { type StoredDetection, storedDetection } from '../runtime/recording/stored-detection.ts'
import type { Replayed } from '../runtime/replay.ts'

/** What a replay is told of what to judge, and by what. */
export interface ManifestFlags extends DataDirFlags {
  /** `self`, `live`, or a digest. */
  readonly manifest: string
  readonly format?: FormatId
  readonly baseline?: string
  readonly workers?: number
  readonly deadLetters?: string
}

const digestPattern = /^m1:[0-9a-f]{16}$/

/** Ends the process for flags that do not go together. */
export function requireFlags(inputs: readonly string[], flags: ManifestFlags): void {
  const { manifest } = flags
  const usage = (why: string) => new ExitError(exitCodes.usage, why)
  if (manifest === 'self') {
    if (inputs.length === 0)
      throw usage('name a file to replay, or - for standard input, or use --manifest live')
    if (flags.dataDir !== undefined)
      throw usage('--data-dir goes with --manifest live or a digest: without them a replay reads no state')
    return
  }
  if (manifest !== 'live' && !digestPattern.test(manifest))
    throw usage(
      `--manifest ${safeText(manifest, 80)}: write self, live, or a digest such as m1:0123456789abcdef`,
    )
  if (flags.baseline !== undefined)
    throw usage('--baseline goes with --manifest self: a stored manifest names its own baseline')
  if (inputs.length > 0) {
    if (manifest === 'live')
      throw usage(
        '--manifest live reads what picket run has read, so it takes no files: leave them out, or name a digest',
      )
    return
  }
  const given = (['format', 'workers', 'deadLetters'] as const).find((name) => flags[name] !== undefined)
  if (given !== undefined)
    throw usage(
      `--${given === 'deadLetters' ? 'dead-letters' : given} goes with files, which are not named here`,
    )
}

/** Judges again what `picket run` has judged, as the state tells it. */
export async function replayState(
  flags: ManifestFlags,
  onProgress: (tally: Tally, time: number) => void,
): Promise<Replayed> {
  const { signal } = new AbortController()
  const manifest = flags.manifest === 'live' ? {} : { manifest: flags.manifest }
  try {
    const again = await replayedFrom(flags, { ...manifest, signal, onProgress })
    const { findings, tally, manifests, lateNow, end } = again
    return {
      findings,
      tally,
      manifest: manifests.join(', '),
      end,
      runs: [],
      decisions: [],
      failures: [],
      formats: new Map(),
      notices:
        lateNow > 0 ? [`${lateNow} events are late now and were not then: the sources have changed`] : [],
    }
  } catch (error) {
    if (error instanceof RangeGone || error instanceof NotRecorded)
      throw new ExitError(
        exitCodes.refused,
        `what was judged can't be replayed: ${safeText(error.message, 2000)}`,
      )
    throw error
  }
}

/** From the topics of a cluster, or a data folder; one that is named by hand is looked into, whatever the configuration says. */
async function replayedFrom(
  flags: ManifestFlags,
  options: Omit<ReplayRecordedOptions, 'recording' | 'dataDir'>,
): Promise<RecordedFindings> {
  const { config } = flags.dataDir === undefined ? loadWithDataDir(flags) : {}
  if (config?.cluster) {
    // Loaded only here: Kafka's library would slow the start of every other replay.
    const { replayCluster } = await import('../cluster/replay/replay-cluster.ts')
    return replayCluster({ ...options, config, cluster: config.cluster })
  }
  const dataDir = dataDirOf(flags)
  const recording = await readState(dataDir, (state) => state.recording())
  return replayRecorded({ ...options, recording, dataDir })
}

/** What is stored under a digest in the cluster, or the data folder, of a configuration. */
export async function storedUnder(
  { manifest: digest, dataDir: named }: ManifestFlags,
  { config }: LoadedConfig<Detector>,
): Promise<StoredDetection> {
  const { cluster, data_dir: dataDir } = config
  if (!cluster || named !== undefined)
    return readState(dataDir, async (state) => storedDetection(digest, await state.recording(), dataDir))
  const { readSnapshots } = await import('../cluster/replay/cluster-recording.ts')
  return storedDetection(
    digest,
    { snapshots: await readSnapshots(config, [digest]) },
    `${cluster.prefix}.manifests`,
  )
}
