import { join, resolve } from 'node:path'
import { type ConfigResult, type LoadedConfig, loadConfig } from '../../config/load-config.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { configFile, load } from './load.ts'
import { configContext } from './shipped.ts'

/** What commands about a data folder are told on the command line. */
export interface DataDirFlags {
  readonly config?: string
  readonly dataDir?: string
}

/** Where state is looked for. A folder named by hand needs no valid configuration: reading must work when that is broken. */
export function dataDirOf({ config, dataDir }: DataDirFlags): string {
  return dataDir === undefined ? loadQuietly(config).config.data_dir : resolve(dataDir)
}

/** The configuration with `--data-dir` over its own folder; the default kill-switch file moves along. */
export function loadWithDataDir({ config, dataDir }: DataDirFlags): LoadedConfig<Detector> {
  return withDataDir(loadQuietly(config), dataDir)
}

/** The same without ending the process: for one that runs already. */
export function loadAgain({ config, dataDir }: DataDirFlags): ConfigResult<Detector> {
  const result = loadConfig(configFile(config), configContext())
  return result.ok ? { ok: true, ...withDataDir(result, dataDir) } : result
}

function withDataDir(loaded: LoadedConfig<Detector>, dataDir: string | undefined): LoadedConfig<Detector> {
  if (dataDir === undefined) return loaded
  const { data_dir: usual, response } = loaded.config
  const folder = resolve(dataDir)
  const isDefault = response.kill_switch_file === join(usual, 'kill-switch')
  const file = isDefault ? join(folder, 'kill-switch') : response.kill_switch_file
  return {
    ...loaded,
    config: { ...loaded.config, data_dir: folder, response: { ...response, kill_switch_file: file } },
  }
}

/** Notices are for whoever starts or checks something, not for every look at it. */
function loadQuietly(named: string | undefined): LoadedConfig<Detector> {
  const result = loadConfig(configFile(named), configContext())
  return result.ok ? result : load(named)
}
