import { type Paint, paintFor, plain, type Screen } from './paint.ts'

/** How text is laid out: in which colours, and how wide at most. Without a width lines are not wrapped. */
export interface Layout {
  readonly paint: Paint
  readonly width?: number
}

/** For texts that other programs read: one row, one line. */
export const plainLayout: Layout = { paint: plain }

const width = { least: 80, usual: 120, most: 140 }

/** For a person at a terminal; elsewhere one row stays one line, so that `grep` finds it whole. */
export function screenLayout(screen: Screen): Layout {
  return screen.isTTY === true ? reportLayout(screen) : plainLayout
}

/** For a page that is read from top to bottom, wherever it goes. */
export function reportLayout(screen: Screen): Layout {
  const columns = screen.columns ?? width.usual
  return { paint: paintFor(screen), width: Math.min(width.most, Math.max(width.least, columns)) }
}
