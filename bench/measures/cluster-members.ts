import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin } from 'kafkajs'
import { type PicketProcess, startPicket } from '../latency/picket-process.ts'

/** Of observations, and so of `detect`. */
export const partitions = 4
const pollMs = 50

export interface ClusterSetting {
  readonly folder: string
  readonly brokers: readonly string[]
  readonly topic: string
  readonly built: boolean
}

/** Writes the configuration of one process; each has a data folder of its own. */
export function writeClusterConfig(
  { folder, brokers, topic }: ClusterSetting,
  name: string,
  more = '',
): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${name}.yaml`)
  const hosts = brokers.map((broker) => `'${broker}'`).join(', ')
  writeFileSync(
    path,
    `data_dir: ./${name}
cluster: { prefix: '${topic}', partitions: ${partitions} }
sources: [{ type: kafka, brokers: [${hosts}], topics: [{ name: '${topic}', format: canonical }], group: '${topic}', lateness: 30s }]
clickhouse: { embedded: false }
${more}`,
  )
  return path
}

/** A process with one role. */
export function startMember(setting: ClusterSetting, name: string, role: string): PicketProcess {
  return startPicket(writeClusterConfig(setting, name), setting.built, ['--roles', role])
}

export async function stopMembers(members: readonly PicketProcess[]): Promise<void> {
  for (const { child } of members) child.kill('SIGTERM')
  await Promise.all(members.map(({ ended }) => ended))
}

/** Records of a topic, and how many of them a group has behind it. */
export async function progressOf(admin: Admin, groupId: string, topic: string) {
  const ends = await admin.fetchTopicOffsets(topic)
  const [group] = await admin.fetchOffsets({ groupId, topics: [topic] })
  const doneOf = (partition: number) =>
    Math.max(0, Number(group?.partitions.find((one) => one.partition === partition)?.offset ?? 0))
  const all = ends.reduce((sum, { high }) => sum + Number(high), 0)
  const done = ends.reduce((sum, { partition }) => sum + doneOf(partition), 0)
  return { all, done }
}

/** Resolves when `isSo` gives true. Throws with the logs when a process ends before. */
export async function until(
  isSo: () => Promise<boolean> | boolean,
  members: readonly PicketProcess[],
): Promise<void> {
  while (!(await isSo())) {
    const dead = members.find(({ child }) => child.exitCode !== null || child.signalCode !== null)
    if (dead) throw new Error(`a process of the cluster ended: ${dead.log().slice(-500)}`)
    await sleep(pollMs)
  }
}
