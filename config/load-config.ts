import { dirname, resolve } from 'node:path'
import type { Playbook } from '../core/response/playbook.ts'
import { checkConfig } from './check-config.ts'
import { configureDetectors, type DetectorDescription } from './configure-detectors.ts'
import { loadPlaybooks } from './load-playbooks.ts'
import { type PicketConfig, picketConfigSchema } from './picket-config.ts'
import type { ActionDescription } from './playbook/check-step.ts'
import type { PlaybookFile } from './playbook/playbook-schema.ts'
import { readText } from './read-text.ts'
import { locateIssues } from './yaml/locate-issue.ts'
import { type LocatedYaml, parseLocatedYaml } from './yaml/located-yaml.ts'
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
  /** What works but deserves a look, such as the public key of pseudonyms. */
  readonly notices: readonly string[]
}

export type ConfigResult<D extends DetectorDescription> =
  | ({ readonly ok: true } & LoadedConfig<D>)
  | { readonly ok: false; readonly problems: readonly Problem[] }

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
    const hint = 'name a file with --config, or leave it out to start with the defaults'
    return { ok: false, problems: [fileProblem(path, read.why, hint)] }
  }
  return configFromText(path, read.text, dirname(resolve(path)), context)
}

/** The same for a text; `folder` is where its relative paths start, `file` is only shown. */
export function configFromText<D extends DetectorDescription>(
  file: string,
  text: string,
  folder: string,
  context: ConfigContext<D>,
): ConfigResult<D> {
  const yaml = parseLocatedYaml(file, text)
  if (yaml.problems.length > 0) return { ok: false, problems: yaml.problems }
  const data = yaml.data ?? {}
  const parsed = picketConfigSchema.safeParse(data)
  if (!parsed.success) {
    // The rest is still checked, as far as it can be read, so that a person sees everything at once.
    const problems = locateIssues(parsed.error, { yaml, schema: picketConfigSchema, data })
    return {
      ok: false,
      problems: sortProblems([...problems, ...problemsBeside(yaml, data, folder, context)]),
    }
  }
  const problems: Problem[] = [...checkConfig(parsed.data, yaml)]
  const detectors = configureDetectors(context.detectors, parsed.data.detectors, yaml, problems)
  const playbooks = loadPlaybooks(parsed.data, yaml, folder, context, problems)
  if (problems.length > 0) return { ok: false, problems: sortProblems(problems) }
  const config = resolved(parsed.data, folder)
  return { ok: true, config, detectors, playbooks, notices: noticesOf(config, playbooks, context.actions) }
}

/** Problems of detectors and playbooks while other parts of the file are wrong. */
function problemsBeside<D extends DetectorDescription>(
  yaml: LocatedYaml,
  data: unknown,
  folder: string,
  context: ConfigContext<D>,
): readonly Problem[] {
  if (typeof data !== 'object' || data === null) return []
  const problems: Problem[] = []
  const { detectors, playbooks } = picketConfigSchema.shape
  const part = data as { readonly detectors?: unknown; readonly playbooks?: unknown }
  const detectorPart = detectors.safeParse(part.detectors)
  if (detectorPart.success) configureDetectors(context.detectors, detectorPart.data, yaml, problems)
  const playbookPart = playbooks.safeParse(part.playbooks)
  if (playbookPart.success) {
    loadPlaybooks(
      { ...picketConfigSchema.parse({}), playbooks: playbookPart.data },
      yaml,
      folder,
      context,
      problems,
    )
  }
  return problems
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
      embedded: config.clickhouse.embedded ?? config.clickhouse.url === undefined,
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

function noticesOf(
  config: PicketConfig,
  playbooks: readonly PlaybookSource[],
  actions: readonly ActionDescription[],
): readonly string[] {
  // Nothing is judged live without a source, so there is nobody to protect, and a demo or replay reaches nobody.
  if (config.sources.length === 0) return []
  const notices: string[] = []
  if (config.privacy.key === undefined) {
    notices.push(
      'privacy.key is not set: pseudonyms are made with a public key, under which accounts can be guessed',
    )
  }
  const enforcing = new Set(actions.filter(({ enforces }) => enforces).map(({ id }) => id))
  for (const { playbook } of playbooks) {
    const { id, mode, steps } = playbook
    if (mode === 'dry_run') continue
    if (config.actions.page === undefined && steps.some(({ action }) => action === 'page')) {
      notices.push(`playbook ${id} is in ${mode} and pages, but nobody is told: set actions.page.routing_key`)
    }
    if (config.enforcement.envoy === undefined && steps.some(({ action }) => enforcing.has(action))) {
      notices.push(`playbook ${id} is in ${mode}, but nothing obeys its decisions: set enforcement.envoy`)
    }
  }
  return notices
}
