import type { PicketConfig } from '../../config/picket-config.ts'
import { type Examination, resultsAbout } from './examination.ts'
import { unreachable } from './reach.ts'
import type { Running } from './state-and-owner.ts'

export interface Listener {
  readonly about: string
  readonly host: string
  readonly port: number
  /** The setting to change when the port is taken. */
  readonly setting: string
}

/** Every address that `picket run` listens on. */
export function listenersOf({ enforcement, status, sources }: PicketConfig): readonly Listener[] {
  const { envoy } = enforcement
  return [
    ...(envoy
      ? [{ about: 'envoy listener', ...envoy.listen, setting: 'enforcement.envoy.listen.port' }]
      : []),
    ...(status ? [{ about: 'status listener', ...status.listen, setting: 'status.listen.port' }] : []),
    ...sources.flatMap((source, index) =>
      'listen' in source
        ? [
            {
              about: `listener of ${source.name}`,
              ...source.listen,
              setting: `sources[${index}].listen.port`,
            },
          ]
        : [],
    ),
  ]
}

/**
 * Whether a port is free while no `picket run` has the data folder, and answers while one has. Of the processes of a
 * cluster nobody can tell which of them run here.
 */
export function listener(
  { about, host, port, setting }: Listener,
  running: Promise<Running | undefined>,
  isCluster: boolean,
): Examination {
  const { ok, warn, fail } = resultsAbout(about)
  // What listens everywhere is asked on loopback.
  const asked = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return {
    about,
    async examine(signal) {
      const [why, owner] = await Promise.all([unreachable(asked, port, signal), running])
      const place = `${host}:${port}`
      if (why === undefined) {
        if (owner) return [ok(`${place} accepts connections; process ${owner.pid} has the data folder`)]
        const todo = `stop what listens there, or change ${setting}`
        if (isCluster) return [warn(`${place} is taken`, `unless a process of the cluster has it: ${todo}`)]
        return [fail(`${place} is taken, and no picket run has the data folder`, todo)]
      }
      if (!owner) return [ok(`${place} is free`)]
      const todo = 'see the log of picket run; a restart reads the configuration anew'
      return [fail(`picket run (process ${owner.pid}) does not answer at ${place} (${why})`, todo)]
    },
  }
}
