import type { WindowShape } from '../detector/detector.ts'
import { durationMs } from '../time/duration.ts'

/** A detector's window in numbers. */
export interface Layout {
  readonly paneMs: number
  /** Panes in a window. */
  readonly panes: number
  readonly windowMs: number
  /** Long memory; zero when the detector has none. */
  readonly memoryPaneMs: number
  readonly retentionMs: number
}

/** Longest window: its panes are all kept, and merged for every judgement. */
const windowMsMax = 24 * 3_600_000

/** Reads and checks the window that a detector asks for. Throws `RangeError` that says what to change. */
export function layoutOf({ size, pane, memory }: WindowShape): Layout {
  const [windowMs, paneMs] = [durationMs(size), durationMs(pane)]
  if (paneMs < 1 || windowMs < paneMs || windowMs % paneMs !== 0) {
    throw new RangeError(`window ${size} must be a multiple of its pane, ${pane}`)
  }
  if (windowMs > windowMsMax) throw new RangeError(`window ${size} is longer than 24h`)
  const [memoryPaneMs, retentionMs] = memory
    ? [durationMs(memory.pane), durationMs(memory.retention)]
    : [0, 0]
  if (memory && (memoryPaneMs < paneMs || memoryPaneMs % paneMs !== 0 || retentionMs < memoryPaneMs)) {
    throw new RangeError(`retention ${memory.retention} must be at least ${memory.pane}`)
  }
  return { paneMs, panes: windowMs / paneMs, windowMs, memoryPaneMs, retentionMs }
}
