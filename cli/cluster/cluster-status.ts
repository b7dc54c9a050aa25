import type { Closers } from '../runtime/closers.ts'
import { startStatusServer } from '../runtime/status/status-server.ts'
import type { Cluster } from './cluster.ts'
import type { Role } from './roles.ts'
import type { ClusterTally } from './tally.ts'

export interface ClusterStatus {
  /** Topics are there, and the roles begin. */
  ready(): void
}

/** Answers probes and Prometheus where status is configured, from before Kafka is reached until the end. */
export async function openClusterStatus(
  { config, log, signal }: Cluster,
  roles: readonly Role[],
  tally: ClusterTally,
  closers: Closers,
): Promise<ClusterStatus> {
  let isReady = false
  if (config.status) {
    const { listen } = config.status
    const server = await startStatusServer(listen, {
      health: () => [],
      readiness: () => [
        ...(isReady ? [] : ['Kafka was not reached yet']),
        ...(signal.aborted ? ['it is stopping'] : []),
      ],
      metrics: () => metricsText(roles, tally),
    })
    closers.add(() => server.close())
    log.info({ host: listen.host, port: server.port }, 'status answers: /healthz, /readyz, /metrics')
  }
  return {
    ready: () => {
      isReady = true
    },
  }
}

/** What a role counts: a process without it does not tell of it. */
function metricsText(roles: readonly Role[], tally: ClusterTally): string {
  const counters: readonly (readonly [Role, string, string, number])[] = [
    ['ingest', 'events', 'Events accepted.', tally.events],
    [
      'ingest',
      'refused_records',
      'Records refused as no event; the dead-letters topic has them.',
      tally.refused,
    ],
    ['detect', 'findings', 'Findings and changes of them that were committed.', tally.findings],
    [
      'detect',
      'late_observations',
      'What was collected of events behind the watermark, which was not judged.',
      tally.late,
    ],
    ['copy', 'copied_rows', 'Rows that ClickHouse has taken.', tally.copied],
    [
      'copy',
      'refused_copies',
      'Rows that ClickHouse refused; skipped.ndjson says which events.',
      tally.skipped,
    ],
  ]
  return counters
    .filter(([role]) => roles.includes(role))
    .map(([role, name, help, value]) => {
      const metric = `picket_cluster_${name}_total`
      return `# HELP ${metric} ${help}\n# TYPE ${metric} counter\n${metric}{role="${role}"} ${value}\n`
    })
    .join('')
}
