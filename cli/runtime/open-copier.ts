import { join } from 'node:path'
import type { PicketConfig } from '../../config/picket-config.ts'
import type { AnalyticsStore, StoreClock } from '../../core/ports/analytics-store.ts'
import { DiskQueue } from '../../storage/spill/disk-queue.ts'
import { KeptRows } from '../../storage/spill/kept-rows.ts'
import { SkippedLog } from '../../storage/spill/skipped-log.ts'
import { Copier, type CopierBounds } from './copier.ts'
import { CopySpill } from './copy-spill.ts'

/** Opens the copier of a lane, with the disk queue that an earlier process may have left behind. */
export async function openCopier(
  config: Pick<PicketConfig, 'space' | 'data_dir' | 'clickhouse'>,
  lane: string,
  store: AnalyticsStore & Partial<StoreClock>,
  report: (problem: string) => void,
  bounds: Partial<CopierBounds> = {},
): Promise<Copier> {
  const { space, data_dir: dataDir, clickhouse } = config
  const kept = new KeptRows(join(dataDir, 'spill'), { storeNow: store.now?.bind(store) })
  const spill = await openSpill(join(dataDir, 'spill'), kept, clickhouse.spill_max, report)
  return new Copier({ store, space, lane, report, bounds, ...(spill && { spill }) })
}

async function openSpill(
  folder: string,
  kept: KeptRows,
  bytesMax: number,
  report: (problem: string) => void,
): Promise<CopySpill | undefined> {
  try {
    const skipped = await SkippedLog.open(folder)
    const { queue, waiting, torn, notices } = await DiskQueue.open(folder)
    for (const label of torn) skipped.add(label, 'torn')
    for (const notice of notices) report(`disk queue of copies: ${notice}`)
    if (waiting.length > 0) report(`${waiting.length} batches of copies wait on disk since the last run`)
    if (skipped.rows > 0) {
      report(
        `${skipped.rows} events are missing from the copies for analysis; their ranges are in ${skipped.path}`,
      )
    }
    return new CopySpill({
      disk: queue,
      skipped,
      kept,
      found: waiting,
      bytesMax,
      report,
    })
  } catch (error) {
    const advice =
      'copies that the store does not take at once are skipped; make the folder writable and restart'
    report(`the disk queue of copies in ${folder} cannot be opened: ${String(error)}; ${advice}`)
    return undefined
  }
}
