// Feeds an engine with requests of so many principals, each with an address and a token of its own, all of them
// within one window of ten minutes; says what it cost and what the process holds.
import { performance } from 'node:perf_hooks'
import { resourceUsage } from 'node:process'
import { createDetection } from '../../cli/runtime/detection.ts'
import type { Engine } from '../../core/engine/engine.ts'
import { fixedPublicKey } from '../../ingest/privacy/pseudonym.ts'
import { requestOfMany } from '../workloads/many-keys.ts'
import { defaultConfig } from './default-config.ts'
import { giveResult, taskInput } from './task.ts'

const start = Date.UTC(2026, 2, 9, 8)
const windowMs = 10 * 60_000
const latenessMs = 30_000
/** How often the watermark goes on: the shortest pane. */
const stepMs = 15_000
/** Requests of each principal within the window. */
const requestsEach = 2
/** The code is compiled, and the cost of few principals measured, over at least so many events. */
const eventsMin = 200_000

const { principals } = taskInput<{ readonly principals: number }>()
const { config, detectors } = defaultConfig()

/** A new engine, with the memory of those before it given back. */
function freshEngine(): Engine {
  globalThis.gc?.()
  return createDetection({ config, detectors, lane: 'replay', key: fixedPublicKey, keeping: 'nothing' })
    .engine
}

/** Milliseconds for all requests and for sealing them; without an engine, for making them. */
function pass(engine: Engine | undefined, count: number): number {
  const total = count * requestsEach
  const started = performance.now()
  let due = start
  for (let serial = 0; serial < total; serial++) {
    const time = start + Math.floor((serial * (windowMs - latenessMs)) / total)
    const event = requestOfMany(serial % count, time, serial)
    engine?.observe(event)
    if (time < due) continue
    due = time + stepMs
    engine?.advance(time - latenessMs)
    engine?.drain()
  }
  engine?.advance(start + windowMs + latenessMs)
  engine?.drain()
  return performance.now() - started
}

const warmUp = 10_000
for (let events = 0; events < eventsMin; events += warmUp * requestsEach) pass(undefined, warmUp)
for (let events = 0; events < eventsMin; events += warmUp * requestsEach) pass(freshEngine(), warmUp)

const costs: number[] = []
let held: ReadonlyMap<string, number> = new Map()
for (let events = 0; events < eventsMin; events += principals * requestsEach) {
  const engine = freshEngine()
  const makingMs = pass(undefined, principals)
  costs.push((pass(engine, principals) - makingMs) / (principals * requestsEach))
  held = engine.entityCounts()
}
costs.sort((left, right) => left - right)
giveResult({
  microsPerEvent: 1000 * (costs[costs.length >> 1] ?? Number.NaN),
  rssBytes: resourceUsage().maxRSS * 1024,
  held: Object.fromEntries(held),
})
