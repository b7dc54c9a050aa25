/** A topic as it must be. */
export interface TopicSpec {
  readonly name: string
  readonly partitions: number
  /** Settings without which state would be lost or misread: another value refuses to start. */
  readonly required: Readonly<Record<string, string>>
  /** Least value of settings that count, −1 for no end. */
  readonly least?: Readonly<Record<string, number>>
  /** What it is created with; whoever operates Kafka may change it. */
  readonly initial: Readonly<Record<string, string>>
}

/** Everything that Picket keeps in Kafka, by what it is. */
export interface TopicLayout {
  /** From `ingest` to `detect`: panes, and how far each input partition was read. */
  readonly observations: TopicSpec
  /** Changelog of `detect`, by partition of the observations. */
  readonly state: TopicSpec
  /** From `detect` to `respond` and whoever else wants them. */
  readonly findings: TopicSpec
  /** From `ingest` to `respond`: who is behind an address. */
  readonly traffic: TopicSpec
  /** Runs, journal and exemptions of `respond`. */
  readonly response: TopicSpec
  /** From `respond` to `serve`: the decision table. */
  readonly decisions: TopicSpec
  /** What changed how events are judged, besides the events. */
  readonly control: TopicSpec
  /** What `detect` holds to be usual. */
  readonly baseline: TopicSpec
  /** By what and how events were judged, each under the digest that names it, for whoever replays. */
  readonly manifests: TopicSpec
  /** From `ingest`, `detect` and `respond` to `copy`: rows for ClickHouse. */
  readonly copies: TopicSpec
  /** What `ingest` refused, with its position. */
  readonly deadLetters: TopicSpec
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

const deleted = { 'cleanup.policy': 'delete' }
const compacted = { 'cleanup.policy': 'compact' }
/** State changes much: cleaned when a fifth is stale, and in segments that end while somebody waits for a restore. */
const cleanedSoon = { 'min.cleanable.dirty.ratio': '0.2', 'segment.ms': String(hourMs) }

/** The topics of an installation. Those of one partition have one writer or one reader that must see all in one order. */
export function topicLayout({ prefix, partitions }: { prefix: string; partitions: number }): TopicLayout {
  const topic = (name: string, spec: Omit<TopicSpec, 'name'>): TopicSpec => ({
    name: `${prefix}.${name}`,
    ...spec,
  })
  return {
    observations: topic('observations', {
      partitions,
      required: deleted,
      // Less, and a `detect` that was away for a while finds a gap.
      least: { 'retention.ms': hourMs },
      initial: { 'retention.ms': String(dayMs) },
    }),
    state: topic('state', { partitions, required: compacted, initial: cleanedSoon }),
    findings: topic('findings', {
      partitions: 1,
      required: deleted,
      least: { 'retention.ms': hourMs },
      initial: { 'retention.ms': String(30 * dayMs) },
    }),
    traffic: topic('traffic', {
      partitions: 1,
      required: deleted,
      // A responder that starts counts the last hour of it again.
      least: { 'retention.ms': 2 * hourMs },
      initial: { 'retention.ms': String(6 * hourMs), 'segment.ms': String(hourMs) },
    }),
    response: topic('response', {
      partitions: 1,
      // Old runs go by age, open ones are never that old.
      required: { 'cleanup.policy': 'compact,delete' },
      least: { 'retention.ms': 8 * dayMs },
      initial: { ...cleanedSoon, 'retention.ms': String(30 * dayMs) },
    }),
    decisions: topic('decisions', { partitions: 1, required: compacted, initial: cleanedSoon }),
    control: topic('control', {
      partitions: 1,
      required: deleted,
      initial: { 'retention.ms': String(30 * dayMs) },
    }),
    baseline: topic('baseline', { partitions: 1, required: compacted, initial: cleanedSoon }),
    manifests: topic('manifests', { partitions: 1, required: compacted, initial: {} }),
    copies: topic('copies', {
      partitions,
      required: deleted,
      least: { 'retention.ms': hourMs },
      // So long ClickHouse may be away, and nothing is missing afterwards.
      initial: { 'retention.ms': String(3 * dayMs) },
    }),
    deadLetters: topic('dead-letters', {
      partitions: 1,
      required: deleted,
      initial: { 'retention.ms': String(7 * dayMs) },
    }),
  }
}
