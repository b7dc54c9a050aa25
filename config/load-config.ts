import { dirname, resolve } from 'node:path'
import type { Playbook } from '../core/response/playbook.ts'
import { checkConfig } from './check-config.ts'
import { configRemarks } from './config-remarks.ts'
import { type ConfigSecret, configSecrets } from './config-secrets.ts'
import { configureDetectors, type DetectorDescription } from './configure-detectors.ts'
import { loadPlaybooks } from './load-playbooks.ts'
import { type PicketConfig, picketConfigSchema } from './picket-config.ts'
import type { ActionDescription } from './playbook/check-step.ts'
import type { PlaybookFile } from './playbook/playbook-schema.ts'
import { readText } from './read-text.ts'
import { usableConfig } from './usable-config.ts'
import { hiddenKeyProblems } from './yaml/hidden-keys.ts'
import { locateIssues } from './yaml/locate-issue.ts'
import { type LocatedYaml, parseLocatedYaml, type YamlPath } from './yaml/located-yaml.ts'
import { placedProblem } from './yaml/placed-problem.ts'
import { fileProblem, type Problem, sortProblems } from './yaml/problem.ts'

/** What a configuration is checked against; handed in, because `config` knows core only. */
export interface ConfigContext<D extends DetectorDescription> {
  readonly detectors: readonly D[]
  readonly actions: readonly ActionDescription[]
  /** Folder of the playbooks that come with Picket. */
  readonly shippedPlaybooks: string
  /** Where relative paths start when there is no configuration file. */
  readonly folder: string
}

export interface PlaybookSource {
  readonly playbook: Playbook
  /** The file as it was written, defaults filled in. */
  readonly file: PlaybookFile
  readonly path: string
}

/** Everything that a start needs, checked; paths are absolute. */
export interface LoadedConfig<D extends DetectorDescription> {
  readonly config: PicketConfig
  /** Those that are enabled, in the order of the context. */
  readonly detectors: readonly { readonly detector: D; readonly config: unknown }[]
  readonly playbooks: readonly PlaybookSource[]
  /** What works but deserves a look, such as the public key of pseudonyms: the messages of `remarks`. */
  readonly notices: readonly string[]
  readonly remarks: readonly Problem[]
  /** Secrets that it refers to; `missingSecrets` tells which can't be had. */
  readonly secrets: readonly ConfigSecret[]
  /** A problem at a setting of the file; about the whole file where not even its section is written. */
  problemAt(path: YamlPath, message: string, hint?: string): Problem
}

export type ConfigResult<D extends DetectorDescription> =
  | ({ readonly ok: true } & LoadedConfig<D>)
  | {
      readonly ok: false
      /** In the order of the files and their lines. */
      readonly problems: readonly Problem[]
      readonly remarks: readonly Problem[]
      readonly secrets: readonly ConfigSecret[]
    }

/**
 * Reads `picket.yaml` and everything that it names. Without a path the defaults stand: embedded stores, every
 * detector, the shipped playbooks in dry run, no source. Lists all problems at once; never throws.
 */
export function loadConfig<D extends DetectorDescription>(
  path: string | undefined,
  context: ConfigContext<D>,
): ConfigResult<D> {
  if (path === undefined) return configFromText('defaults', '', context.folder, context)
  const read = readText(path)
  if (!read.ok) {
    const hint = read.hint ?? 'name a file with --config, or leave it out to start with the defaults'
    return { ok: false, problems: [fileProblem(path, read.why, hint)], remarks: [], secrets: [] }
  }
  return configFromText(path, read.text, dirname(resolve(path)), context)
}

/** Maps whose keys are names of detectors and playbooks: a wrong one is told where those are known. */
const ownNames = ['detectors', 'response.modes']

/** The same for a text; `folder` is where its relative paths start, `file` is only shown. */
export function configFromText<D extends DetectorDescription>(
  file: string,
  text: string,
  folder: string,
  context: ConfigContext<D>,
): ConfigResult<D> {
  const yaml = parseLocatedYaml(file, text)
  const secrets = configSecrets(yaml)
  const isUnreadable = yaml.data === undefined && yaml.problems.length > 0
  const data = yaml.data ?? {}
  const parsed = picketConfigSchema.safeParse(data)
  const problems: Problem[] = [...yaml.problems, ...checkConfig(yaml, folder)]
  if (!parsed.success)
    problems.push(...locateIssues(parsed.error, { yaml, schema: picketConfigSchema, data, ownNames }))
  const usable = usableConfig(yaml)
  const detectors = configureDetectors(context.detectors, usable.detectors, yaml, problems)
  const response = (parsed.data ?? picketConfigSchema.parse({})).response
  const playbooks = loadPlaybooks({ ...usable, response }, yaml, folder, context, problems)
  problems.push(...hiddenKeyProblems(yaml, problems))
  if (!parsed.success || problems.length > 0) {
    const remarks = isUnreadable ? [unreadable(yaml, playbooks.length > 0)] : []
    return { ok: false, problems: sortProblems(problems), remarks, secrets }
  }
  const config = resolved(parsed.data, folder)
  const loaded = playbooks.flatMap(({ source }) => source ?? [])
  const compiled = loaded.map(({ playbook }) => playbook)
  const remarks = configRemarks(config, compiled, context.actions, yaml)
  const notices = remarks.map(({ message }) => message)
  const problemAt = (path: YamlPath, message: string, hint?: string) =>
    placedProblem(yaml, path, message, hint)
  return { ok: true, config, detectors, playbooks: loaded, notices, remarks, secrets, problemAt }
}

function unreadable(yaml: LocatedYaml, hasPlaybooks: boolean): Problem {
  const { line, col } = yaml.problems[0] ?? { line: 1, col: 1 }
  const playbooks = hasPlaybooks ? '; the playbooks that it names are' : ", and its playbooks can't be found"
  const message = `until this file can be read as YAML, its settings are not checked${playbooks}`
  return { file: yaml.file, line, col, message }
}

/** Paths made absolute, and what depends on other settings filled in. */
function resolved(config: PicketConfig, folder: string): PicketConfig {
  const absolute = (path: string) => resolve(folder, path)
  const dataDir = absolute(config.data_dir)
  const killSwitch = config.response.kill_switch_file
  return {
    ...config,
    data_dir: dataDir,
    clickhouse: {
      ...config.clickhouse,
      embedded:
        config.clickhouse.embedded ?? (config.clickhouse.url === undefined && config.cluster === undefined),
    },
    sources: config.sources.map((source) =>
      source.type === 'file' ? { ...source, paths: source.paths.map(absolute) } : source,
    ),
    response: {
      ...config.response,
      kill_switch_file: killSwitch === undefined ? resolve(dataDir, 'kill-switch') : absolute(killSwitch),
    },
  }
}
