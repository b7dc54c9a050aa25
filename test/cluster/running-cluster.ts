import { writeFileSync } from 'node:fs'
import { pino } from 'pino'
import type { Role } from '../../cli/cluster/roles.ts'
import { runCluster } from '../../cli/cluster/run-cluster.ts'
import { configContext } from '../../cli/runtime/shipped.ts'
import { loadConfig } from '../../config/load-config.ts'

/** A process of a cluster, in this one, with a clock that a test can set on. */
export class RunningCluster {
  readonly #path: string
  readonly #stop = new AbortController()
  readonly #ended: Promise<unknown>
  readonly #lines: string[] = []
  #aheadMs = 0
  #reload: () => void = () => {}

  /** `path`: where the configuration is written, and read from again by a reload. `watchMs`: how often topics are looked for. */
  constructor(path: string, yaml: string, roles: readonly Role[], watchMs?: number) {
    this.#path = path
    writeFileSync(path, yaml)
    const loaded = loadConfig(path, configContext())
    if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'))
    const log = pino({ level: 'info' }, { write: (line: string) => this.#lines.push(line) })
    this.#ended = runCluster(
      {
        loaded,
        log,
        signal: this.#stop.signal,
        ...(watchMs !== undefined && { watchMs }),
        clock: { now: () => Date.now() + this.#aheadMs },
        reloading: {
          wanted: (reload) => {
            this.#reload = reload
          },
          load: () => loadConfig(path, configContext()),
        },
      },
      roles,
    )
    this.#ended.catch(() => {})
  }

  get log(): string {
    return this.#lines.join('')
  }

  /** Sets the clock on by so much. */
  later(ms: number): void {
    this.#aheadMs += ms
  }

  /** What SIGHUP does. */
  reload(yaml: string): void {
    writeFileSync(this.#path, yaml)
    this.#reload()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#ended
  }
}
