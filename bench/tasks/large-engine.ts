import { createDetection } from '../../cli/runtime/detection.ts'
import type { Engine } from '../../core/engine/engine.ts'
import { fixedPublicKey } from '../../ingest/privacy/pseudonym.ts'
import { defaultConfig } from './default-config.ts'

/** Above what is asked of it: the figures are about what is stored, not about what is let go. */
const entitiesMax = 4_000_000

/** An engine as `picket run` has it, with all detectors, whose bounds don't bind. */
export function largeEngine(): Engine {
  const { config, detectors } = defaultConfig()
  const bounds = { entitiesMax, openMax: entitiesMax }
  return createDetection({ config, detectors, lane: 'live', key: fixedPublicKey, keeping: 'packs', bounds })
    .engine
}
