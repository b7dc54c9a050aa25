import type { z } from 'zod'
import type { WindowShape } from '../core/detector/detector.ts'
import { layoutOf } from '../core/engine/layout.ts'
import type { EntityKind } from '../core/entity/entity.ts'
import type { DetectorOverride } from './usable-config.ts'
import { didYouMean, nameHint } from './yaml/did-you-mean.ts'
import { locateIssues } from './yaml/locate-issue.ts'
import type { LocatedYaml } from './yaml/located-yaml.ts'
import type { Problem } from './yaml/problem.ts'

/** What a configuration must know of a detector. */
export interface DetectorDescription {
  readonly id: string
  readonly config: z.ZodType
  readonly evidence: z.ZodType
  /** Kinds that its findings can be about; any when absent. */
  readonly blames?: readonly EntityKind[]
  /** Checked against its panes; absent in descriptions that no engine runs. */
  window?(config: unknown): WindowShape
}

/** Every enabled detector with its settings over its defaults; what is wrong is added to `problems`. */
export function configureDetectors<D extends DetectorDescription>(
  detectors: readonly D[],
  overrides: Readonly<Record<string, DetectorOverride>>,
  yaml: LocatedYaml,
  problems: Problem[],
): readonly { readonly detector: D; readonly config: unknown }[] {
  const ids = detectors.map(({ id }) => id)
  for (const id of Object.keys(overrides)) {
    if (ids.includes(id)) continue
    problems.push(
      yaml.problem(
        yaml.keyRange(['detectors'], id),
        `no detector is called '${id.slice(0, 64)}'`,
        nameHint(id, ids),
      ),
    )
  }
  return detectors.flatMap((detector) => {
    const own = Object.hasOwn(overrides, detector.id) ? overrides[detector.id] : undefined
    const { enabled, ...settings } = own ?? { enabled: true }
    const parsed = detector.config.safeParse(settings)
    if (!parsed.success) {
      const base = ['detectors', detector.id]
      const context = { yaml, schema: detector.config, data: settings, base, alsoKnown: ['enabled'] }
      problems.push(...locateIssues(parsed.error, context))
    }
    const usable = parsed.success
      ? { data: parsed.data, broken: new Set<string>() }
      : usableSettings(detector, settings, parsed.error)
    const wrong = usable && windowProblem(detector, usable.data, usable.broken)
    if (wrong !== undefined) {
      const place = yaml.keyRange(
        ['detectors', detector.id],
        wrong.startsWith('retention') ? 'retention' : 'window',
      )
      problems.push(yaml.problem(place, `${detector.id}: ${wrong}`))
    }
    return enabled && parsed.success && wrong === undefined ? [{ detector, config: parsed.data }] : []
  })
}

/** The settings without those that are wrong, which have their defaults, so that the others are still checked. */
function usableSettings(
  { config }: DetectorDescription,
  settings: Readonly<Record<string, unknown>>,
  { issues }: z.ZodError,
): { readonly data: unknown; readonly broken: ReadonlySet<string> } | undefined {
  const unknown = new Set(issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [])))
  const wrong = issues.flatMap(({ path: [setting] }) => (setting === undefined ? [] : [String(setting)]))
  const broken = new Set([...wrong, ...unknown])
  const rest = Object.fromEntries(Object.entries(settings).filter(([setting]) => !broken.has(setting)))
  const parsed = config.safeParse(rest)
  if (!parsed.success) return undefined
  const known = Object.keys(Object(parsed.data))
  return {
    data: parsed.data,
    broken: new Set([...wrong, ...[...unknown].flatMap((key) => didYouMean(key, known) ?? [])]),
  }
}

/** What is wrong with the window that these settings ask for; nothing when it depends on one that is wrong itself. */
function windowProblem(
  detector: DetectorDescription,
  config: unknown,
  broken: ReadonlySet<string>,
): string | undefined {
  let isDoubtful = false
  const watched = new Proxy(Object(config) as object, {
    get(target, key) {
      isDoubtful ||= broken.has(String(key))
      return Reflect.get(target, key) as unknown
    },
  })
  try {
    if (detector.window) layoutOf(detector.window(watched))
    return undefined
  } catch (error) {
    if (isDoubtful) return undefined
    return error instanceof Error ? error.message : String(error)
  }
}
