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
