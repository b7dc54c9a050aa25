import type { LoadedConfig } from '../../config/load-config.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { clickhouse, clickhouseTime } from './clickhouse.ts'
import { clock, httpTime } from './clock.ts'
import { clusterTopics } from './cluster-topics.ts'
import { dataFolder } from './data-folder.ts'
import type { Examination } from './examination.ts'
import { failModes } from './fail-modes.ts'
import { kafka } from './kafka.ts'
import { listener, listenersOf } from './listeners.ts'
import { nodeVersion } from './node-version.ts'
import { secretsSet } from './secrets.ts'
import { sourceNeeds } from './source-needs.ts'
import { runningIn, stateAndOwner } from './state-and-owner.ts'

/** Everything there is to look at under a configuration, in the order in which it is told. */
export function examinationsOf(loaded: LoadedConfig<Detector>): readonly Examination[] {
  const { config } = loaded
  const running = runningIn(config.data_dir)
  return [
    nodeVersion(),
    secretsSet(loaded.secrets),
    sourceNeeds(loaded),
    dataFolder(config.data_dir, config.clickhouse.spill_max),
    // All state of a cluster is in Kafka, and none of its processes has the data folder to itself.
    config.cluster ? clusterTopics(config) : stateAndOwner(config.data_dir, running, loaded.detectors),
    clock([
      (signal) => clickhouseTime(config.clickhouse, signal),
      ...timeUrls(loaded).map((url) => httpTime(url)),
    ]),
    ...config.sources.flatMap((source) => (source.type === 'kafka' ? [kafka(source)] : [])),
    clickhouse(config.clickhouse),
    ...listenersOf(config).map((one) => listener(one, running, config.cluster !== undefined)),
    failModes(loaded),
  ]
}

/** Servers that Picket is configured to ask or tell anyway. */
function timeUrls({ config }: LoadedConfig<Detector>): readonly string[] {
  const urls = [config.enforcement.envoy?.identity.jwks?.url, config.actions.page?.url]
  return urls.filter((url) => url !== undefined)
}
