import type { ConfiguredDetector } from '../detector/detector.ts'
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

/** Reads and checks the window that a detector asks for. Throws `RangeError` naming the detector. */
export function layoutOf({ detector, config }: ConfiguredDetector): Layout {
  const { size, pane, memory } = detector.window(config)
  const [windowMs, paneMs] = [durationMs(size), durationMs(pane)]
  if (windowMs % paneMs !== 0) {
    throw new RangeError(`${detector.id}: window ${size} is not a multiple of its pane ${pane}`)
  }
  return {
    paneMs,
    windowMs,
    panes: windowMs / paneMs,
    memoryPaneMs: memory ? durationMs(memory.pane) : 0,
    retentionMs: memory ? durationMs(memory.retention) : 0,
  }
}
