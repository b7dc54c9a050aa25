import type { LoadedConfig } from '../../config/load-config.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { sourceProblems } from '../runtime/source-problems.ts'
import { type Examination, resultsAbout } from './examination.ts'

/** Whether the files and libraries that sources need are on this machine, and can be read. */
export function sourceNeeds(loaded: LoadedConfig<Detector>): Examination {
  const about = 'sources'
  const { ok, warn, fail } = resultsAbout(about)
  return {
    about,
    async examine() {
      if (loaded.config.sources.length === 0)
        return [warn('none is configured, and picket run needs one', 'add sources to picket.yaml')]
      const problems = await sourceProblems(loaded)
      if (problems.length > 0)
        return problems.map(({ message, hint = 'see the message' }) => fail(message, hint))
      return [
        ok('the files and libraries that they need are here, or may come later where they are followed'),
      ]
    },
  }
}
