import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Role } from '../../cli/cluster/roles.ts'
import { runCluster } from '../../cli/cluster/run-cluster.ts'
import { configContext } from '../../cli/runtime/shipped.ts'
import { type LoadedConfig, loadConfig } from '../../config/load-config.ts'
import type { Detector } from '../../core/detector/detector.ts'

/** Reads a configuration that a test writes. Throws for one with problems. */
export function loadText(folder: string, name: string, yaml: string): LoadedConfig<Detector> {
  const path = join(folder, `${name}.yaml`)
  writeFileSync(path, yaml)
  const result = loadConfig(path, configContext())
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'))
  return result
}

/** A process of a cluster, in this one, with a clock that a test can set on. */
export class RunningCluster {
  readonly #stop = new AbortController()
  readonly #ended: Promise<unknown>
  readonly #lines: string[] = []
  #aheadMs = 0

  constructor(loaded: LoadedConfig<Detector>, roles: readonly Role[]) {
    const log = pino({ level: 'info' }, { write: (line: string) => this.#lines.push(line) })
    this.#ended = runCluster(
      {
        loaded,
        log,
        signal: this.#stop.signal,
        clock: { now: () => Date.now() + this.#aheadMs },
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

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#ended
  }
}
