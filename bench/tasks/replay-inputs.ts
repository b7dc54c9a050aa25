// The subject for files and topics: `picket replay` without its process start and its tables.
import { performance } from 'node:perf_hooks'
import { resourceUsage } from 'node:process'
import { type ReplayOptions, replay } from '../../cli/runtime/replay.ts'
import { defaultConfig } from './default-config.ts'
import { instancesOf } from './instances.ts'
import { giveResult, taskInput } from './task.ts'

const { inputs, instances, workers } = taskInput<{
  readonly inputs: readonly string[]
  readonly instances?: number
  readonly workers?: number
}>()
const loaded = defaultConfig()
const detectors = instances === undefined ? loaded.detectors : instancesOf(loaded.detectors, instances)
const options: ReplayOptions = { loaded: { ...loaded, detectors }, inputs }
const started = performance.now()
const replayed = await replay(workers === undefined ? options : Object.assign({ workers }, options))
const ms = performance.now() - started
const [failure] = replayed.failures
if (failure) throw failure
giveResult({
  events: replayed.tally.events,
  refused: replayed.tally.refusedTotal,
  late: replayed.tally.late,
  findings: replayed.findings.length,
  rssBytes: resourceUsage().maxRSS * 1024,
  ms,
})
