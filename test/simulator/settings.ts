import { configContext } from '../../cli/runtime/shipped.ts'
import { loadConfig } from '../../config/load-config.ts'
import { latenessMs } from './workload.ts'

/** The configuration of every simulated process: Picket's defaults. */
export const settings = (() => {
  const loaded = loadConfig(undefined, configContext())
  if (!loaded.ok) throw new Error('the built-in configuration is wrong')
  return loaded
})()

/** What a simulated source says of its records. */
export function laneTraits(source: string) {
  return {
    source,
    latenessMs,
    formatOf: () => 'canonical' as const,
    vantageOf: () => undefined,
    trustsMarksOf: () => false,
  }
}

/** Small, so that logs of state are cleaned within a minute of traffic. */
export const packBounds = { deadBytesMin: 5000, packsMax: 20, renewedBytesMax: 10_000 }
