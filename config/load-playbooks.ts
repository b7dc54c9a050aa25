import { readdirSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { DetectorDescription } from './configure-detectors.ts'
import type { ConfigContext, PlaybookSource } from './load-config.ts'
import type { PicketConfig } from './picket-config.ts'
import { evidenceType } from './playbook/evidence-type.ts'
import { loadPlaybook, type PlaybookContext } from './playbook/load-playbook.ts'
import { readText } from './read-text.ts'
import { nameHint } from './yaml/did-you-mean.ts'
import type { LocatedYaml } from './yaml/located-yaml.ts'
import { fileProblem, type Problem } from './yaml/problem.ts'

/** The word in `playbooks` for those that come with Picket. */
const shipped = 'shipped'
/** More files in one folder are likely the wrong folder. */
const filesMax = 1000

/** Every playbook that the configuration names; what is wrong is added to `problems`. */
export function loadPlaybooks<D extends DetectorDescription>(
  config: PicketConfig,
  yaml: LocatedYaml,
  folder: string,
  context: ConfigContext<D>,
  problems: Problem[],
): readonly PlaybookSource[] {
  const paths = config.playbooks.flatMap((entry, index) => {
    const found = filesOf(entry === shipped ? context.shippedPlaybooks : resolve(folder, entry))
    if (found.ok) return found.paths
    const hint =
      'write a .yaml file, a folder of them, or `shipped`; relative paths start at the folder of this file'
    problems.push(yaml.problem(yaml.rangeOf(['playbooks', index]), `playbook ${entry}: ${found.why}`, hint))
    return []
  })
  const playbookContext = contextOf(config, context)
  const loaded: PlaybookSource[] = []
  const before = problems.length
  for (const path of new Set(paths)) {
    const shown = shownPath(path)
    const read = readText(path)
    if (!read.ok) {
      problems.push(fileProblem(shown, read.why))
      continue
    }
    const result = loadPlaybook(shown, read.text, playbookContext)
    if (!result.ok) {
      problems.push(...result.problems)
      continue
    }
    const { playbook, file } = result
    const twin = loaded.find((other) => other.playbook.id === playbook.id)
    if (twin) {
      const message = `${shownPath(twin.path)} is called '${playbook.id}' too`
      problems.push(
        result.yaml.problem(result.yaml.rangeOf(['id']), message, 'give each playbook its own id'),
      )
    }
    loaded.push({ playbook, file, path })
  }
  problems.push(...unknownModes(config, loaded, yaml, problems.length > before))
  return loaded
}

function contextOf<D extends DetectorDescription>(
  config: PicketConfig,
  context: ConfigContext<D>,
): PlaybookContext {
  const { limits, mode, modes } = config.response
  return {
    evidence: new Map(context.detectors.map(({ id, evidence }) => [id, evidenceType(evidence)])),
    actions: new Map(context.actions.map((action) => [action.id, action])),
    limits: { targetsPerHour: limits.targets_per_hour, shareOfClients: limits.share_of_clients },
    modeOf: (playbook) => (Object.hasOwn(modes, playbook) ? modes[playbook] : mode),
  }
}

/** `response.modes` for a playbook that isn't there would leave somebody believing that it enforces. */
function unknownModes(
  config: PicketConfig,
  loaded: readonly PlaybookSource[],
  yaml: LocatedYaml,
  someFailed: boolean,
): readonly Problem[] {
  const ids = loaded.map(({ playbook }) => playbook.id)
  // A playbook that could not be read has no id to compare with.
  if (someFailed) return []
  return Object.keys(config.response.modes).flatMap((id) => {
    if (ids.includes(id)) return []
    const range = yaml.keyRange(['response', 'modes'], id)
    return [yaml.problem(range, `no playbook is called '${id}'`, nameHint(id, ids))]
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
