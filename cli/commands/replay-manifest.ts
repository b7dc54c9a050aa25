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
import { replayRecorded } from '../runtime/recording/replay-recorded.ts'
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
  const dataDir = recordedIn(flags)
  const recording = await readState(dataDir, (state) => state.recording())
  const { signal } = new AbortController()
  const manifest = flags.manifest === 'live' ? {} : { manifest: flags.manifest }
  try {
    const again = await replayRecorded({ recording, dataDir, ...manifest, signal, onProgress })
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

/** The data folder; a cluster has none that holds what was judged. */
function recordedIn(flags: ManifestFlags): string {
  const { cluster } = flags.dataDir === undefined ? loadWithDataDir(flags).config : {}
  if (cluster)
    throw new ExitError(
      exitCodes.refused,
      `the cluster '${cluster.prefix}' records no positions to replay from: replay the input itself, or name the folder of one process with --data-dir`,
    )
  return dataDirOf(flags)
}

/** What is stored under a digest in the data folder of a configuration. */
export function storedUnder(digest: string, { config }: LoadedConfig<Detector>): Promise<StoredDetection> {
  const { data_dir: dataDir } = config
  return readState(dataDir, async (state) => storedDetection(digest, await state.recording(), dataDir))
}
