import type { LoadedConfig } from '../../../config/load-config.ts'
import type { PicketConfig } from '../../../config/picket-config.ts'
import type { Detector } from '../../../core/detector/detector.ts'
import { canonicalJson } from '../../../core/manifest/canonical-json.ts'

/** What differs between the configuration in force and a new one, by the names of settings. */
export interface Differences {
  /** What changes at once, and together. */
  readonly live: readonly string[]
  /** What only a restart can change. */
  readonly restart: readonly string[]
}

/** Read anew for every step, so that they can change between two of them. */
const liveSettings: ReadonlySet<keyof PicketConfig> = new Set(['playbooks', 'response', 'actions', 'log'])
/** Without effect on a run, or looked at by detector. */
const passedOver: ReadonlySet<keyof PicketConfig> = new Set(['$schema', 'detectors', 'playbooks'])

/** Compares everything that was loaded, the contents of playbook files included. */
export function compareConfigs(before: LoadedConfig<Detector>, after: LoadedConfig<Detector>): Differences {
  const names = [...new Set([...Object.keys(before.config), ...Object.keys(after.config)])].sort()
  const settings = (names as (keyof PicketConfig)[])
    .filter((name) => !passedOver.has(name))
    .filter((name) => !isSame(before.config[name], after.config[name]))
  const killSwitch = 'response.kill_switch_file'
  const isMoved =
    before.config.response.kill_switch_file !== after.config.response.kill_switch_file ? [killSwitch] : []
  return {
    live: [...settings.filter((name) => liveSettings.has(name)), ...playbookDifferences(before, after)],
    restart: [
      ...settings.filter((name) => !liveSettings.has(name)),
      ...isMoved,
      ...detectorDifferences(before, after),
    ],
  }
}

function playbookDifferences(before: LoadedConfig<Detector>, after: LoadedConfig<Detector>): string[] {
  const of = ({ playbooks }: LoadedConfig<Detector>) =>
    new Map(playbooks.map(({ playbook: { id, digest, mode } }) => [id, `${digest} ${mode}`]))
  return differing(of(before), of(after)).map((id) => `playbook ${id}`)
}

function detectorDifferences(before: LoadedConfig<Detector>, after: LoadedConfig<Detector>): string[] {
  const of = ({ detectors }: LoadedConfig<Detector>) =>
    new Map(
      detectors.map(({ detector: { id, version }, config }) => [id, canonicalJson({ version, config })]),
    )
  return differing(of(before), of(after)).map((id) => `detectors.${id}`)
}

function differing(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const ids = new Set([...before.keys(), ...after.keys()])
  return [...ids].filter((id) => before.get(id) !== after.get(id)).sort()
}

function isSame(left: unknown, right: unknown): boolean {
  return canonicalJson(left ?? null) === canonicalJson(right ?? null)
}
