import type { Logger } from 'pino'
import type { ConfigResult, LoadedConfig } from '../../../config/load-config.ts'
import type { Detector } from '../../../core/detector/detector.ts'
import { type ReloadResponseOptions, reloadResponse } from './reload-response.ts'
import { reloader } from './reloader.ts'

/** How a run learns of a new configuration. */
export interface Reloading {
  /** Takes what is to be called whenever somebody wants a reload. */
  wanted(reload: () => void): void
  /** Reads and checks it, as it was for the start. */
  load(): ConfigResult<Detector>
}

/** The configuration in force: the one of the start, or of the last reload. */
export interface InForce {
  loaded: LoadedConfig<Detector>
}

export interface StartReloadingOptions extends ReloadResponseOptions {
  readonly inForce: InForce
  readonly reloading: Reloading | undefined
  readonly log: Logger
  /** Nothing is reloaded after it has aborted. */
  readonly signal: AbortSignal
}

/** Lets a run reload, if it is told how. */
export function startReloading(options: StartReloadingOptions): void {
  const { inForce, reloading, log, signal } = options
  if (!reloading) return
  const reload = reloader({
    loaded: inForce.loaded,
    load: () => reloading.load(),
    async apply(next) {
      await reloadResponse(next, options)
      inForce.loaded = next
    },
    log,
  })
  reloading.wanted(() => {
    if (!signal.aborted) void reload()
  })
}
