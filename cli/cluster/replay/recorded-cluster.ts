import type { ControlEntry } from '../../../core/manifest/control-log.ts'
import { NotRecorded, type RecordedRun, recordedRun } from '../../runtime/recording/recorded-run.ts'
import { PartitionRanges } from '../../runtime/reread/partition-ranges.ts'
import type { ClusterRecording, Standing } from './cluster-recording.ts'

type Of<Kind extends ControlEntry['kind']> = Extract<ControlEntry, { kind: Kind }>

/** What is recorded of a partition of entities. */
export interface RecordedPartition {
  readonly partition: number
  readonly run: RecordedRun
  /** Of these positions, panes that were sealed at that time were not judged here. */
  readonly late: PartitionRanges<Of<'late'>>
  /** Nothing of these was judged here. */
  readonly lost: PartitionRanges<Of<'lost-range'>>
}

/** What the control log of a cluster says, by who wrote it. */
export interface RecordedCluster {
  readonly partitions: readonly RecordedPartition[]
  /** By the key of an input partition: when it was read by what, and what was refused. */
  readonly inputs: ReadonlyMap<string, RecordedRun>
}

/** Reads a record. `topic`: where its control log is, for messages. @throws NotRecorded when something of it is missing */
export function recordedCluster({ control, standings }: ClusterRecording, topic: string): RecordedCluster {
  const byWriter = new Map<string, ControlEntry[]>()
  for (const { by, entry } of control) {
    const known = byWriter.get(by)
    if (known) known.push(entry)
    else byWriter.set(by, [entry])
  }
  const runOf = (by: string, standing: Standing, entries: readonly ControlEntry[]) => {
    requireBeginning(by, entries, topic)
    return recordedRun({ ...standing, control: entries })
  }
  const partitions = [...standings].map(([partition, standing]) => {
    const by = `detect ${partition}`
    const entries = until(standing.watermark, byWriter.get(by) ?? [])
    const run = runOf(by, standing, entries)
    return { partition, run, late: new PartitionRanges(run.late), lost: lostOf(entries) }
  })
  if (partitions.length === 0)
    throw new NotRecorded('nothing was judged yet: start `picket run`, and let it read something')
  const inputs = new Map<string, RecordedRun>()
  const ends = furthest(standings.values())
  requireAll(ends, partitions)
  for (const [key, to] of ends) {
    const by = `ingest ${key.replace('\u0000', ' ')}`
    const entries = byWriter.get(by) ?? []
    inputs.set(key, runOf(by, { positions: new Map([[key, to]]), watermark: 0 }, entries))
    if (entries.filter(isBeginning).length > 1)
      throw new NotRecorded(
        `${by} began twice, because Kafka had forgotten its offsets: some events were read two times`,
      )
  }
  return { partitions, inputs }
}

function isBeginning(entry: ControlEntry): boolean {
  return entry.kind === 'cut' && entry.positions.length === 0
}

/** The first entry of a writer says that nothing was before it. */
function requireBeginning(by: string, entries: readonly ControlEntry[], topic: string): void {
  const first = entries.find(({ kind }) => kind === 'cut')
  if (first && isBeginning(first)) return
  throw new NotRecorded(
    `${topic} does not hold the beginning of \`${by}\`: an older Picket did not record it, or it was deleted by retention. A cluster that begins under another cluster.prefix can be replayed for as long as its topics keep everything`,
  )
}

/** Without what was written after the state was read. */
function until(watermark: number, entries: readonly ControlEntry[]): readonly ControlEntry[] {
  const end = entries.findIndex((entry) => entry.kind === 'cut' && entry.at > watermark)
  return end < 0 ? entries : entries.slice(0, end)
}

/** @throws NotRecorded for observations that were deleted: whose they were is not known */
function lostOf(entries: readonly ControlEntry[]): PartitionRanges<Of<'lost-range'>> {
  const lost = entries.filter((entry) => entry.kind === 'lost-range')
  const deleted = lost.find(({ partition }) => !partition.includes('\u0000'))
  if (deleted)
    throw new NotRecorded(
      `messages ${deleted.from} to ${deleted.to - 1} of ${deleted.partition} were deleted before they were judged, and what they held is not known`,
    )
  return new PartitionRanges(lost)
}

/** Of what is read no more only cuts tell, and not how far it was read in the end. */
function requireAll(ends: ReadonlyMap<string, number>, partitions: readonly RecordedPartition[]): void {
  const cuts = partitions.flatMap(({ run }) => run.eras.flatMap((era) => era.cuts))
  for (const { positions } of cuts) {
    const gone = positions.find(([key]) => !ends.has(key))?.[0]
    if (gone !== undefined)
      throw new NotRecorded(
        `${gone.replace('\u0000', ' ')} was read once and is not read any more, and how far is not recorded: put its source or topic back into picket.yaml. Of a topic that is gone nothing can be read again`,
      )
  }
}

function furthest(standings: Iterable<Standing>): Map<string, number> {
  const ends = new Map<string, number>()
  for (const { positions } of standings)
    for (const [key, to] of positions) ends.set(key, Math.max(to, ends.get(key) ?? 0))
  return ends
}
