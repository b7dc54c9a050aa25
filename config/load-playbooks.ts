import { readdirSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { entityKinds } from '../core/entity/entity.ts'
import type { DetectorDescription } from './configure-detectors.ts'
import type { ConfigContext, PlaybookSource } from './load-config.ts'
import type { PicketConfig } from './picket-config.ts'
import { evidenceType } from './playbook/evidence-type.ts'
import { loadPlaybook, type PlaybookContext } from './playbook/load-playbook.ts'
import { readText } from './read-text.ts'
import { name } from './schema/values.ts'
import type { UsableConfig } from './usable-config.ts'
import { nameHint } from './yaml/did-you-mean.ts'
import type { LocatedYaml } from './yaml/located-yaml.ts'
import { fileProblem, type Problem } from './yaml/problem.ts'

/** The word in `playbooks` for those that come with Picket. */
const shipped = 'shipped'
/** More files in one folder are likely the wrong folder. */
const filesMax = 1000

/** Which playbooks are wanted, and what the configuration says about all of them. */
export type WantedPlaybooks = Pick<UsableConfig, 'playbooks' | 'modes'> & Pick<PicketConfig, 'response'>

/** One file that was found. */
export interface FoundPlaybook {
  readonly path: string
  /** Absent when it can't be read. */
  readonly id?: string
  /** Absent when something is wrong with it. */
  readonly source?: PlaybookSource
}

/** Every playbook that the configuration names; what is wrong is added to `problems`. */
export function loadPlaybooks<D extends DetectorDescription>(
  wanted: WantedPlaybooks,
  yaml: LocatedYaml,
  folder: string,
  context: ConfigContext<D>,
  problems: Problem[],
): readonly FoundPlaybook[] {
  let isComplete = true
  const paths = wanted.playbooks.flatMap((entry, index) => {
    const found =
      entry === undefined
        ? undefined
        : filesOf(entry === shipped ? context.shippedPlaybooks : resolve(folder, entry))
    if (found?.ok) return found.paths
    isComplete = false
    // What stands in a file that is no YAML may be half a name.
    if (found && yaml.data !== undefined) {
      const hint =
        'write a .yaml file, a folder of them, or `shipped`; relative paths start at the folder of this file'
      problems.push(yaml.problem(yaml.rangeOf(['playbooks', index]), `playbook ${entry}: ${found.why}`, hint))
    }
    return []
  })
  const playbookContext = contextOf(wanted, context)
  const found: FoundPlaybook[] = []
  for (const path of new Set(paths)) found.push(foundPlaybook(path, playbookContext, found, problems))
  problems.push(...unknownModes(wanted, found, isComplete, yaml))
  return found
}

function foundPlaybook(
  path: string,
  context: PlaybookContext,
  others: readonly FoundPlaybook[],
  problems: Problem[],
): FoundPlaybook {
  const shown = shownPath(path)
  const read = readText(path)
  if (!read.ok) {
    problems.push(fileProblem(shown, read.why, read.hint))
    return { path }
  }
  const result = loadPlaybook(shown, read.text, context)
  if (!result.ok) problems.push(...result.problems)
  const { id, yaml } = result
  if (id === undefined) return { path }
  const twin = others.find((other) => other.id === id)
  if (twin) {
    const message = `${shownPath(twin.path)} is called '${id}' too`
    problems.push(yaml.problem(yaml.rangeOf(['id']), message, 'give each playbook its own id'))
  }
  const source = result.ok ? { source: { playbook: result.playbook, file: result.file, path } } : {}
  return { path, id, ...source }
}

function contextOf<D extends DetectorDescription>(
  { response }: WantedPlaybooks,
  context: ConfigContext<D>,
): PlaybookContext {
  const { limits, mode, modes } = response
  return {
    evidence: new Map(context.detectors.map(({ id, evidence }) => [id, evidenceType(evidence)])),
    blames: new Map(context.detectors.map(({ id, blames = entityKinds }) => [id, blames])),
    actions: new Map(context.actions.map((action) => [action.id, action])),
    limits: { targetsPerHour: limits.targets_per_hour, shareOfClients: limits.share_of_clients },
    modeOf: (playbook) => (Object.hasOwn(modes, playbook) ? modes[playbook] : mode),
  }
}

/** `response.modes` for a playbook that isn't there would leave somebody believing that it enforces. */
function unknownModes(
  { modes }: WantedPlaybooks,
  found: readonly FoundPlaybook[],
  isComplete: boolean,
  yaml: LocatedYaml,
): readonly Problem[] {
  const ids = found.flatMap(({ id }) => id ?? [])
  // A playbook that can't be read may be the one that is meant, unless none can be called so.
  const isCertain = isComplete && ids.length === found.length
  return modes.flatMap((id) => {
    if (ids.includes(id) || (!isCertain && name.safeParse(id).success)) return []
    const range = yaml.keyRange(['response', 'modes'], id)
    return [yaml.problem(range, `no playbook is called '${id.slice(0, 64)}'`, nameHint(id, ids))]
  })
}

type Found =
  | { readonly ok: true; readonly paths: readonly string[] }
  | { readonly ok: false; readonly why: string }

/** The file itself, or the .yaml and .yml files of a folder in the order of their names. */
function filesOf(path: string): Found {
  try {
    if (!statSync(path).isDirectory()) return { ok: true, paths: [path] }
    const names = readdirSync(path).filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.'))
    if (names.length > filesMax) return { ok: false, why: `the folder holds more than ${filesMax} files` }
    return { ok: true, paths: names.sort().map((name) => join(path, name)) }
  } catch {
    return { ok: false, why: 'there is no such file or folder' }
  }
}

/** Relative to where the person is, when it is below. */
function shownPath(path: string): string {
  const short = relative(process.cwd(), path)
  return short === '' || short.startsWith('..') ? path : short
}
