/** What may be wrong with the watching itself; each is the detector of its operational findings. A closed list. */
export const watchRules = [
  'telemetry-lag',
  'falling-behind',
  'silent-source',
  'late-share',
  'refused-share',
  'idle-detector',
  'stale-baseline',
] as const
export type WatchRule = (typeof watchRules)[number]

/** Something that stands and that a person should know of. */
export interface Condition {
  readonly rule: WatchRule
  /** What it is about: a part of the id of its entity, `picket/<what>`. */
  readonly what: string
  /** Since when it stands as far as is known, epoch milliseconds. */
  readonly since: number
  /** The numbers, and `what_to_do`. */
  readonly evidence: Readonly<Record<string, unknown>> & { readonly what_to_do: string }
}
