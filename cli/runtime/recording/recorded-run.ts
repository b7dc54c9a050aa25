import type { ControlEntry, PartitionPosition } from '../../../core/manifest/control-log.ts'
import type { Recording } from '../../../storage/sqlite/state-logs.ts'

/** Everything up to these positions was judged, and then everything before `at` sealed; epoch milliseconds. */
export interface Cut {
  readonly at: number
  /** Partitions that moved since the cut before. */
  readonly positions: readonly PartitionPosition[]
}

/** A time in which one manifest was in force and sources were read in one way. */
export interface Era {
  readonly manifest: string
  /** Digest of how sources were read. */
  readonly sources: string
  readonly cuts: Cut[]
}

type Of<Kind extends ControlEntry['kind']> = Extract<ControlEntry, { kind: Kind }>

/** What the control log says of a run, from its first event to its last commit, over all its restarts. */
export interface RecordedRun {
  readonly eras: readonly Era[]
  readonly late: readonly Of<'late'>[]
  readonly refused: readonly Of<'refused-range'>[]
  /** Findings about Picket itself, in the order in which they were told. */
  readonly notes: readonly Of<'note'>[]
  /** Offset of the first event of each partition. */
  readonly starts: ReadonlyMap<string, number>
}

/** Why a record can't be replayed. */
export class NotRecorded extends Error {
  override readonly name = 'NotRecorded'
}

/** A control log, and where its run stands. */
export interface Recorded extends Pick<Recording, 'control' | 'positions'> {
  /** Up to where it sealed, epoch milliseconds; 0 when it sealed nothing. */
  readonly watermark: number
}

/** Reads a record. @throws NotRecorded when it does not begin with the first event */
export function recordedRun({ control, positions, watermark }: Recorded): RecordedRun {
  const eras: Era[] = []
  const starts = new Map<string, number>()
  let isBegun = false
  for (const entry of control) {
    const era = eras.at(-1)
    if (entry.kind === 'cut') {
      if (!isBegun && entry.positions.length > 0) throw new NotRecorded(beganBefore(entry.at))
      isBegun = true
      era?.cuts.push(entry)
    } else if (entry.kind === 'manifest' && isBegun) {
      const { digest: manifest, sources = '' } = entry
      // A restart under the same manifest changes nothing.
      if (era?.manifest !== manifest || era.sources !== sources) eras.push({ manifest, sources, cuts: [] })
    } else if (entry.kind === 'source-active' && entry.from !== undefined && !starts.has(entry.partition))
      starts.set(entry.partition, entry.from)
  }
  const last = eras.at(-1)
  if (!last) throw new NotRecorded('nothing was recorded yet: start `picket run`, and let it read something')
  last.cuts.push({ at: watermark, positions: [...positions] })
  return {
    eras,
    starts,
    late: only(control, 'late'),
    refused: only(control, 'refused-range'),
    notes: only(control, 'note'),
  }
}

function only<Kind extends ControlEntry['kind']>(control: readonly ControlEntry[], kind: Kind): Of<Kind>[] {
  return control.filter((entry): entry is Of<Kind> => entry.kind === kind)
}

function beganBefore(at: number): string {
  const until = new Date(at).toISOString()
  return `events up to ${until} were judged by an older Picket, which did not record how: a state that this version begins can be replayed`
}
