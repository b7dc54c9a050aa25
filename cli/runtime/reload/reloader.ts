import type { Logger } from 'pino'
import type { ConfigResult, LoadedConfig } from '../../../config/load-config.ts'
import { formatProblem } from '../../../config/yaml/format-problem.ts'
import type { Detector } from '../../../core/detector/detector.ts'
import { compareConfigs } from './compare-configs.ts'

export interface ReloaderOptions {
  /** In force at the start. */
  readonly loaded: LoadedConfig<Detector>
  /** Reads and checks the configuration anew, as it was read for the start. */
  load(): ConfigResult<Detector>
  /**
   * Puts it in force: everything, or, when it rejects, nothing. `changed` names the settings.
   */
  apply(next: LoadedConfig<Detector>, changed: readonly string[]): Promise<void>
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
}

const stays = 'the configuration in force stays'

/**
 * Gives what reloads the configuration, all or nothing: one that has a problem, or changes what needs a restart, changes
 * nothing and is told in the log. One at a time; it never rejects.
 */
export function reloader({ loaded, load, apply, log }: ReloaderOptions): () => Promise<void> {
  let current = loaded
  let running: Promise<void> = Promise.resolve()

  async function reload(): Promise<void> {
    const next = load()
    if (!next.ok) {
      // Without the lines of the file, which may hold what should not be there.
      const problems = next.problems.map(({ source: _line, ...problem }) => formatProblem(problem))
      log.error({ problems }, `reload refused: the new configuration has problems; ${stays}`)
      return
    }
    const { live, restart } = compareConfigs(current, next)
    if (restart.length > 0) {
      const also = live.length > 0 ? { not_changed_either: live } : {}
      log.error({ needs_restart: restart, ...also }, `reload refused: it needs a restart; ${stays}`)
      return
    }
    if (live.length === 0) {
      log.info('reload: nothing has changed')
      return
    }
    await apply(next, live)
    current = next
    log.info({ changed: live }, 'reloaded')
    for (const notice of next.notices) log.warn(notice)
  }

  return function reloadInTurn() {
    running = running.then(reload).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error)
      log.error({ problems: [why] }, `reload refused: ${why}; ${stays}`)
    })
    return running
  }
}
