import type { TestProject } from 'vitest/node'
import { envoyBinary } from './envoy-binary.ts'
import { type KafkaPeer, provideKafka } from './kafka.ts'
import type { ProvidedPeer } from './provided-peers.ts'
import { rdkafkaBuild } from './rdkafka-build.ts'
import { type Skip, skipOrThrow } from './skip.ts'
import { isPeerWanted } from './wanted-peers.ts'

/**
 * Starts what the test files of this run ask for, once for all workers, and returns the teardown. A watched
 * run gets everything, because it may go on to any file. PICKET_TEST_PEERS=none leaves all peers out.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // The broker last: a failed download or build then has none to stop.
  project.provide('envoyBinary', reasonToLeaveOut('envoyBinary', project) ?? (await envoyBinary()))
  // Compiled before the first test and not beside them, for it would take their cores.
  project.provide('rdkafkaBuild', reasonToLeaveOut('rdkafkaBuild', project) ?? (await rdkafkaBuild()))
  const kafka = reasonToLeaveOut('kafkaBrokers', project) ?? (await provideKafka())
  const provided = 'skip' in kafka ? kafka : withoutStop(kafka)
  project.provide('kafkaBrokers', provided)
  return async () => {
    if (!('skip' in kafka)) await kafka.stop()
  }
}

function reasonToLeaveOut(peer: ProvidedPeer, project: TestProject): Skip | undefined {
  const { state, config } = project.vitest
  if (!config.watch && !isPeerWanted(peer, state.getPaths()))
    return { skip: 'no test file of this run injects it' }
  const choice = process.env.PICKET_TEST_PEERS ?? 'all'
  if (choice === 'none') return skipOrThrow('PICKET_TEST_PEERS=none leaves out real servers')
  if (choice !== 'all') throw new Error(`PICKET_TEST_PEERS is 'all' or 'none', not '${choice}'`)
  return undefined
}

/** What can be handed to the workers. */
function withoutStop({ brokers, security }: KafkaPeer) {
  return { brokers, ...(security && { security }) }
}
