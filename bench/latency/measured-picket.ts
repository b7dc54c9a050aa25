import type { Writable } from 'node:stream'
import { stopMembers } from '../measures/cluster-members.ts'
import { AuthzClient } from './authz-client.ts'
import { startPicket } from './picket-process.ts'
import type { SplitInput } from './split-input.ts'
import { topicWriter } from './topic-writer.ts'

/** A Picket that judges what is written to it, and is asked. */
export interface MeasuredPicket {
  /** Where lines of events go: a pipe, or a topic. */
  readonly out: Writable
  readonly authz: AuthzClient
  /** Ends the processes once they have read what they want. */
  stop(): Promise<void>
}

/** What a process that reads a pipe is started with. */
export interface PipedInput {
  readonly config: string
  /** Of ext_authz. */
  readonly port: number
  readonly built: boolean
}

/** One process, which reads a pipe. */
export async function startPiped({ config, port, built }: PipedInput): Promise<MeasuredPicket> {
  const picket = startPicket(config, built)
  await picket.ready
  const out = picket.child.stdin
  if (!out) throw new Error('picket has no standard input')
  // It may end before it has read what the pipe still holds.
  out.on('error', () => {})
  const authz = new AuthzClient(port)
  return {
    out,
    authz,
    stop: async () => {
      authz.close()
      // A reader of an open pipe would wait for more of it.
      out.end()
      picket.child.kill('SIGTERM')
      await picket.ended
    },
  }
}

/** Processes with a role each, with Kafka between them. */
export async function startSplit({
  brokers,
  topic,
  roles,
  port,
  built,
}: SplitInput): Promise<MeasuredPicket> {
  const members = roles.map(({ role, config }) => startPicket(config, built, ['--roles', role]))
  await Promise.all(members.map(({ ready }) => ready))
  const out = await topicWriter(brokers, topic)
  const authz = new AuthzClient(port)
  return {
    out,
    authz,
    stop: async () => {
      authz.close()
      await new Promise<void>((resolve) => out.end(resolve))
      await stopMembers(members)
    },
  }
}
