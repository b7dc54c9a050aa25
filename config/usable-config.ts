import { isSeq } from 'yaml'
import { picketConfigSchema } from './picket-config.ts'
import { name } from './schema/values.ts'
import { didYouMean } from './yaml/did-you-mean.ts'
import type { LocatedYaml } from './yaml/located-yaml.ts'

/** Settings of a detector as they were written, but for `enabled`. */
export interface DetectorOverride {
  readonly enabled: boolean
  readonly [setting: string]: unknown
}

/** What detectors and playbooks are checked by; of a file with mistakes what they leave no doubt about. */
export interface UsableConfig {
  readonly detectors: Readonly<Record<string, DetectorOverride>>
  /** By their place in the file; absent for an entry that can't be used. */
  readonly playbooks: readonly (string | undefined)[]
  /** Ids under `response.modes`. */
  readonly modes: readonly string[]
}

const { detectors: detectorsSchema, playbooks: playbooksSchema } = picketConfigSchema.shape
const overrideSchema = detectorsSchema.unwrap().valueType
const entrySchema = playbooksSchema.unwrap().element

/** Reads each part of the configuration by itself, so that a mistake in one hides none in another. */
export function usableConfig(yaml: LocatedYaml): UsableConfig {
  if (yaml.data === undefined && yaml.problems.length > 0) return afterSyntaxError(yaml)
  const data = recordOf(yaml.data)
  const modes = recordOf(recordOf(data.response).modes)
  return {
    detectors: Object.fromEntries(
      Object.entries(recordOf(data.detectors)).flatMap(([id, override]) => overrideOf(id, override)),
    ),
    playbooks: entriesOf(data),
    modes: Object.keys(modes),
  }
}

function overrideOf(id: string, override: unknown): readonly (readonly [string, DetectorOverride])[] {
  if (!isRecord(override)) return name.safeParse(id).success ? [] : [[id, { enabled: true }]]
  const { enabled } = overrideSchema.shape
  const parsed = enabled.safeParse(override.enabled)
  return [[id, { ...override, enabled: parsed.data ?? true }]]
}

/** The default stands only where nothing says that others were meant. */
function entriesOf(data: Readonly<Record<string, unknown>>): readonly (string | undefined)[] {
  const { playbooks } = data
  if (Array.isArray(playbooks)) return playbooks.map((entry) => entrySchema.safeParse(entry).data)
  const known = Object.keys(picketConfigSchema.shape)
  const isMisspelt = Object.keys(data).some((key) => didYouMean(key, known) === 'playbooks')
  return playbooks === undefined && !isMisspelt ? playbooksSchema.parse(undefined) : [undefined]
}

/** Of a file that is no YAML, the playbooks that can still be read: most are files of their own. */
function afterSyntaxError(yaml: LocatedYaml): UsableConfig {
  const list = yaml.nodeAt(['playbooks'])
  const entries: readonly unknown[] = isSeq(list) ? (list.toJSON() as readonly unknown[]) : []
  return {
    detectors: {},
    playbooks: [...entries.map((entry) => entrySchema.safeParse(entry).data), undefined],
    modes: [],
  }
}

/** The value where it is a map of settings, else an empty one. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
