import { join } from 'node:path'
import { progressBar } from '../render/progress-bar.ts'
import { clockTime } from '../render/times.ts'
import { load } from '../runtime/load.ts'
import { type Replayed, replay } from '../runtime/replay.ts'
import { packageFolder } from '../runtime/shipped.ts'

export const hourMs = 3_600_000
/** Paths in the package, for data is not compiled into `dist/`. */
export const recording = join('cli', 'demo', 'recording.ndjson.gz')
export const demoConfig = join('cli', 'demo', 'demo.yaml')

/** Judges the recording that ships, under the configuration that ships beside it. */
export async function replayDemo(onProgress: (text: () => string) => void = () => {}): Promise<Replayed> {
  return replay({
    loaded: load(join(packageFolder, demoConfig)),
    inputs: [join(packageFolder, recording)],
    onProgress: ({ events, findings }, time) =>
      onProgress(() => {
        const bar = progressBar(Math.max(0, time % hourMs) / hourMs)
        return `${clockTime(time)} UTC  ${bar}  ${events.toLocaleString('en-US')} events, findings: ${findings.size}`
      }),
  })
}

/** End of the recorded hour: replay seals the last panes by moving its clock beyond. */
export function demoEnd(clock: number): number {
  return Math.floor(clock / hourMs) * hourMs
}
