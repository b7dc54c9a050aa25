export interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  readonly help: string
}

/**
 * Everything that /metrics tells, named by the conventions of Prometheus: base units, `_total` for counts since the start.
 * Labels hold only what an operator or Picket wrote, so that no sender can make up time series.
 */
export const metrics = {
  build: {
    name: 'picket_build_info',
    type: 'gauge',
    labels: ['version', 'manifest'],
    help: 'Always 1; version of Picket and digest of the manifest in force.',
  },
  records: {
    name: 'picket_records_total',
    type: 'counter',
    labels: ['source'],
    help: 'Records read, whatever came of them.',
  },
  events: {
    name: 'picket_events_total',
    type: 'counter',
    labels: ['source'],
    help: 'Events accepted, late ones included.',
  },
  refused: {
    name: 'picket_refused_records_total',
    type: 'counter',
    labels: ['source', 'reason'],
    help: 'Records refused as no event; picket dead-letters list shows them.',
  },
  lost: {
    name: 'picket_lost_records_total',
    type: 'counter',
    labels: ['source'],
    help: 'Records that were deleted before they were read, or can not be decoded; the log and the control log say which.',
  },
  late: {
    name: 'picket_late_events_total',
    type: 'counter',
    labels: ['source'],
    help: 'Events behind the watermark, which were not judged; in a cluster told by `detect`, for each partition of entities.',
  },
  marksIgnored: {
    name: 'picket_marks_ignored_total',
    type: 'counter',
    labels: ['source'],
    help: 'Marks of our own refusals from sources that are not trusted with them.',
  },
  partitions: {
    name: 'picket_partitions',
    type: 'gauge',
    labels: ['source', 'state'],
    help: 'Partitions by state; only active ones hold event time back.',
  },
  partitionLag: {
    name: 'picket_watermark_lag_seconds',
    type: 'gauge',
    labels: ['source', 'partition'],
    help: 'How far the watermark of an active partition is behind the clock, allowed lateness included; the 200 furthest behind.',
  },
  recordLag: {
    name: 'picket_kafka_lag_records',
    type: 'gauge',
    labels: ['source', 'topic', 'partition'],
    help: 'Records of a Kafka partition behind our position, at most 10 s old; the 200 longest.',
  },
  lateObservations: {
    name: 'picket_late_observations_total',
    type: 'counter',
    labels: [],
    help: 'In a cluster: what detectors had seen of events behind the watermark, which was not judged.',
  },
  foreignObservations: {
    name: 'picket_foreign_observations_total',
    type: 'counter',
    labels: [],
    help: 'In a cluster: what was collected under another configuration or version, which was not judged.',
  },
  clusterLag: {
    name: 'picket_cluster_lag_messages',
    type: 'gauge',
    labels: ['role', 'topic', 'partition'],
    help: "Messages of Picket's own topics in front of a role, marks of transactions included, when it last read some.",
  },
  copiedRows: {
    name: 'picket_cluster_copied_rows_total',
    type: 'counter',
    labels: [],
    help: 'Rows that ClickHouse has taken from the topic of copies.',
  },
  refusedRows: {
    name: 'picket_cluster_refused_copies_total',
    type: 'counter',
    labels: [],
    help: 'Rows that ClickHouse refused; skipped.ndjson says which events.',
  },
  places: {
    name: 'picket_cluster_places',
    type: 'gauge',
    labels: ['role', 'state'],
    help: 'Partitions that this process was given, working or waiting; /readyz says what for.',
  },
  sealLag: {
    name: 'picket_seal_lag_seconds',
    type: 'gauge',
    labels: [],
    help: 'How far sealed event time is behind the clock; final findings wait for it.',
  },
  findings: {
    name: 'picket_findings_total',
    type: 'counter',
    labels: ['detector', 'severity'],
    help: 'Findings committed, each once for every severity that it has had.',
  },
  steps: {
    name: 'picket_steps_total',
    type: 'counter',
    labels: ['action', 'outcome'],
    help: 'Outcomes of playbook steps.',
  },
  decisions: {
    name: 'picket_decisions_in_force',
    type: 'gauge',
    labels: ['type', 'scope'],
    help: 'Decisions that gateways are answered from.',
  },
  answers: {
    name: 'picket_gateway_answers_total',
    type: 'counter',
    labels: ['result'],
    help: 'Answers to gateways; error: it got none, and lets the request pass.',
  },
  checkpoint: {
    name: 'picket_checkpoint_duration_seconds',
    type: 'histogram',
    labels: [],
    help: 'From the cut of a checkpoint until it is on disk, or committed in Kafka.',
  },
  checkpointTime: {
    name: 'picket_last_checkpoint_timestamp_seconds',
    type: 'gauge',
    labels: [],
    help: 'When the last checkpoint was on disk or committed, seconds since 1970.',
  },
  stateBytes: {
    name: 'picket_state_bytes',
    type: 'gauge',
    labels: ['detector'],
    help: 'Memory that state holds, about.',
  },
  stateEntities: {
    name: 'picket_state_entities',
    type: 'gauge',
    labels: ['detector'],
    help: 'Entities held; beyond 100,000 the stalest are forgotten.',
  },
  copiesMemory: {
    name: 'picket_copies_memory_bytes',
    type: 'gauge',
    labels: [],
    help: 'Copies for analysis that wait in memory.',
  },
  spill: {
    name: 'picket_spill_bytes',
    type: 'gauge',
    labels: [],
    help: 'Copies for analysis that wait on disk while ClickHouse is slow or away.',
  },
  skippedRows: {
    name: 'picket_copies_skipped_rows_total',
    type: 'counter',
    labels: ['table'],
    help: 'Rows missing from the copies since the start; skipped.ndjson says which.',
  },
  skippedRanges: {
    name: 'picket_copies_skipped_ranges_total',
    type: 'counter',
    labels: [],
    help: 'Ranges of events recorded in skipped.ndjson since the start.',
  },
  busy: {
    name: 'picket_loop_busy_seconds_total',
    type: 'counter',
    labels: [],
    help: 'Time that the judging thread was not waiting; its rate is the share of a core, and 1 is all there is.',
  },
  cpu: {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    labels: [],
    help: 'CPU time of the process, all threads.',
  },
  resident: {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    labels: [],
    help: 'Memory of the process in RAM.',
  },
  heap: {
    name: 'nodejs_heap_size_used_bytes',
    type: 'gauge',
    labels: [],
    help: 'JavaScript heap in use on the judging thread.',
  },
  started: {
    name: 'process_start_time_seconds',
    type: 'gauge',
    labels: [],
    help: 'When the process started, seconds since 1970.',
  },
} as const satisfies Readonly<Record<string, Metric>>

export type MetricId = keyof typeof metrics
