import { ReplicatedTable } from '../../../enforcement/replicated-table.ts'
import { followTopic } from '../../../storage/kafka/follow-topic.ts'
import { startEnforcement } from '../../runtime/enforcement.ts'
import { killSwitchFile } from '../../runtime/kill-switch-file.ts'
import { aborted } from '../../runtime/signal-waits.ts'
import type { Cluster } from '../cluster.ts'
import { FollowedDecisions } from './followed-decisions.ts'

/** Answers gateways from a copy of the decision table, until the signal. Every process that serves has all of it. */
export async function serve(cluster: Cluster): Promise<void> {
  const { config, kafka, admin, topics, prefix, sessionMs, signal, log, key, status } = cluster
  const table = new ReplicatedTable()
  status.following(table)
  status.hindrance('decisions', 'the table is being read; gateways are answered after that')
  const killSwitch = killSwitchFile(config.response.kill_switch_file ?? `${config.data_dir}/kill-switch`)
  const { followed, ended: reading } = await followTopic(
    {
      kafka,
      admin,
      topic: topics.decisions.name,
      place: 'decisions',
      group: `${prefix}.serve`,
      sessionMs,
      signal,
      onReader: (report) => status.reading({ role: 'serve', report }),
      onNotice: (notice) => log.warn({ role: 'serve' }, notice),
    },
    (held) =>
      new FollowedDecisions({ ...held, table, killSwitch, onProblem: (problem) => log.error(problem) }),
  )
  // Answering before the table is whole would let through what is denied; gateways let pass what nobody answers, and say so.
  await Promise.race([followed.isCurrent, reading, aborted(signal)])
  const onTurn = (isUp: boolean) =>
    status.hindrance(
      'gateways',
      isUp ? undefined : 'the thread that answers them is down and is being started again',
    )
  const authz = signal.aborted ? undefined : await startEnforcement({ config, table, key, log, onTurn })
  status.answering(authz)
  status.hindrance('decisions', undefined)
  log.info({ decisions: table.list().length }, 'serving')
  try {
    await reading
  } finally {
    await authz?.close()
  }
}
