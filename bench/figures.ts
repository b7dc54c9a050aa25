import type { Measure } from './figure.ts'
import { activeEntities } from './measures/active-entities.ts'
import { decisionLatency } from './measures/decision-latency.ts'
import { decisionLookups } from './measures/decision-lookups.ts'
import { detectProcesses } from './measures/detect-processes.ts'
import { detectorInstances } from './measures/detector-instances.ts'
import { fileToFindings } from './measures/file-to-findings.ts'
import { kafkaToFindings } from './measures/kafka-to-findings.ts'
import { restore } from './measures/restore.ts'
import { restoreChangelog } from './measures/restore-changelog.ts'
import { splitLatency } from './measures/split-latency.ts'
import { twoWorkers } from './measures/two-workers.ts'

/** Everything that `npm run bench` measures, in the order in which it is measured and shown. */
export const measures: readonly Measure[] = [
  fileToFindings,
  twoWorkers,
  kafkaToFindings,
  activeEntities,
  detectorInstances,
  restore,
  restoreChangelog,
  decisionLatency,
  decisionLookups,
  detectProcesses,
  splitLatency,
]
