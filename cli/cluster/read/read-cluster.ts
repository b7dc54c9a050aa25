import type { PicketConfig } from '../../../config/picket-config.ts'
import type { StatePart } from '../../runtime/state-place.ts'
import { ClusterState } from './cluster-state.ts'
import { readTopics } from './read-topics.ts'

/** What the topics of a configured cluster hold now. A record that can't be read is left out. Throws as `readTopics` does. */
export async function readCluster(
  config: Pick<PicketConfig, 'sources' | 'cluster'>,
  parts: readonly StatePart[],
  onProblem: (problem: string) => void,
): Promise<ClusterState> {
  const state = new ClusterState()
  await readTopics(config, parts, (part, message) => state.take(part as StatePart, message), onProblem)
  return state
}
