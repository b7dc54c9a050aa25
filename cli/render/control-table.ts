import type { ControlEntry } from '../../core/manifest/control-log.ts'
import { jsonLine } from './json-line.ts'
import type { Layout } from './layout.ts'
import { renderTable } from './table.ts'
import { isoTime, shortTime } from './times.ts'

/** An entry of the control log; in a cluster with who wrote it. */
export type ControlRow = ControlEntry & { readonly by?: string }

/** One row for each entry, in the order given. */
export function controlTable(entries: readonly ControlRow[], layout?: Layout): string {
  const isOfCluster = entries.some(({ by }) => by !== undefined)
  return renderTable(
    entries,
    [
      { heading: 'EVENT TIME (UTC)', text: ({ at }) => (at > 0 ? shortTime(at) : 'none yet') },
      { heading: 'KIND', text: ({ kind }) => kind },
      ...(isOfCluster ? [{ heading: 'BY', text: ({ by = '' }: ControlRow) => by, widthMax: 80 }] : []),
      { heading: 'WHAT', text: told, widthMax: 200 },
    ],
    'no entries',
    layout,
  )
}

/** An entry as `--json` prints it, its partition as the dead letters name it. */
export function controlLine({ at, ...entry }: ControlRow): string {
  const named = 'partition' in entry ? { ...entry, partition: shown(entry.partition) } : entry
  return jsonLine({ ...(at > 0 ? { at: isoTime(at) } : {}), ...named })
}

/** What another version wrote may lack what its kind has here: it must not hide the others. */
function told(entry: ControlRow): string {
  try {
    return String(whatOf(entry) ?? '')
  } catch {
    return ''
  }
}

function whatOf(entry: ControlRow): string {
  switch (entry.kind) {
    case 'manifest':
    case 'response':
      return entry.digest
    case 'decision':
      return `${entry.decision} ${entry.inForce ? 'in force' : 'ended'}`
    case 'cut':
      return `${entry.positions.length} partitions moved`
    case 'watermark':
      return 'every source was idle'
    case 'source-idle':
      return shown(entry.partition)
    case 'source-active':
      return `${shown(entry.partition)}${entry.from === undefined ? '' : ` from ${entry.from}`}`
    case 'lost-range':
      return `${rangeOf(entry)}: ${entry.why}`
    case 'refused-range': {
      const { received } = entry
      const why = received === undefined ? '' : `: ahead of the clock, which showed ${isoTime(received)}`
      return `${rangeOf(entry)}${why}`
    }
    case 'late':
      return rangeOf(entry)
    case 'note':
      return entry.finding.detector
    default:
      // Another version of Picket wrote it.
      return ''
  }
}

function rangeOf({ partition, from, to }: { partition: string; from: number; to: number }): string {
  return `${shown(partition)} from ${from} to before ${to}`
}

/** `source:partition`, as positions are shown. */
function shown(partition: string): string {
  return String(partition).replace('\u0000', ':')
}
