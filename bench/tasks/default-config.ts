import { configContext } from '../../cli/runtime/shipped.ts'
import { type LoadedConfig, loadConfig } from '../../config/load-config.ts'
import type { Detector } from '../../core/detector/detector.ts'

/** What stands when nothing is configured: every detector. A `picket.yaml` that lies around takes no part. */
export function defaultConfig(): LoadedConfig<Detector> {
  const result = loadConfig(undefined, configContext())
  if (!result.ok) throw new Error(`the defaults do not load: ${result.problems[0]?.message}`)
  return result
}
