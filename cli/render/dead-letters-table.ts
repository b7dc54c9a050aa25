import { formatPosition } from '../../core/event/position.ts'
import type { DeadLetter } from '../../core/event/refusal.ts'
import type { Layout } from './layout.ts'
import { renderTable } from './table.ts'

/** One row for each refused input, in the order given. */
export function deadLettersTable(letters: readonly DeadLetter[], layout?: Layout): string {
  return renderTable(
    letters,
    [
      // Wide enough for a long path: the offset is at its end.
      { heading: 'POSITION', text: ({ position }) => formatPosition(position), widthMax: 300 },
      { heading: 'REASON', text: ({ reason }) => reason, tone: 'warning' },
      { heading: 'WHY', text: ({ detail }) => detail, widthMax: 80 },
      { heading: 'INPUT', text: ({ raw }) => raw, widthMax: 120, tone: 'quiet' },
    ],
    'no dead letters',
    layout,
  )
}
