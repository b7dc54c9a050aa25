import { reloader } from '../runtime/reload/reloader.ts'
import type { Cluster } from './cluster.ts'
import type { Role } from './roles.ts'

/**
 * Lets a process of a cluster reload what one process can: playbooks, response and actions, which concern `respond` alone, and
 * the log level. What needs a restart is refused and told, for all roles.
 */
export function reloadCluster(
  { loaded, inForce, reloading, log, signal }: Cluster,
  roles: readonly Role[],
): void {
  if (!reloading) return
  const reload = reloader({
    loaded,
    load: () => reloading.load(),
    async apply(next, changed) {
      await inForce.responder?.reload(next)
      inForce.loaded = next
      log.level = next.config.log.level
      const others = changed.filter((name) => name !== 'log')
      if (others.length > 0 && !roles.includes('respond'))
        log.warn({ changed: others }, 'these concern `respond`: have its processes reload too')
      else if (others.length > 0 && !inForce.responder)
        log.info(
          { changed: others },
          'in force once this process responds: have the one that acts reload too',
        )
    },
    log,
  })
  reloading.wanted(() => {
    if (!signal.aborted) void reload()
  })
}
