import type { z } from 'zod'
import type { WindowShape } from '../core/detector/detector.ts'
import { layoutOf } from '../core/engine/layout.ts'
import type { PicketConfig } from './picket-config.ts'
import { nameHint } from './yaml/did-you-mean.ts'
import { locateIssues } from './yaml/locate-issue.ts'
import type { LocatedYaml } from './yaml/located-yaml.ts'
import type { Problem } from './yaml/problem.ts'

/** What a configuration must know of a detector. */
export interface DetectorDescription {
  readonly id: string
  readonly config: z.ZodType
  readonly evidence: z.ZodType
  /** Checked against its panes; absent in descriptions that no engine runs. */
  window?(config: unknown): WindowShape
}

/** Every enabled detector with its settings over its defaults; what is wrong is added to `problems`. */
export function configureDetectors<D extends DetectorDescription>(
  detectors: readonly D[],
  overrides: PicketConfig['detectors'],
  yaml: LocatedYaml,
  problems: Problem[],
): readonly { readonly detector: D; readonly config: unknown }[] {
  const ids = detectors.map(({ id }) => id)
  for (const id of Object.keys(overrides)) {
    if (ids.includes(id)) continue
    problems.push(
      yaml.problem(yaml.keyRange(['detectors'], id), `no detector is called '${id}'`, nameHint(id, ids)),
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
      return []
    }
    const wrong = windowProblem(detector, parsed.data)
    if (wrong !== undefined) {
      const place = yaml.keyRange(
        ['detectors', detector.id],
        wrong.startsWith('retention') ? 'retention' : 'window',
      )
      problems.push(yaml.problem(place, `${detector.id}: ${wrong}`))
      return []
    }
    return enabled ? [{ detector, config: parsed.data }] : []
  })
}

/** What is wrong with the window that these settings ask for. */
function windowProblem(detector: DetectorDescription, config: unknown): string | undefined {
  try {
    if (detector.window) layoutOf(detector.window(config))
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
