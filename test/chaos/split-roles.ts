import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pagingKey } from '../cluster/attack.ts'
import { clusterOutcome } from '../cluster/outcome.ts'
import type { KafkaBroker } from '../peers/kafka.ts'
import type { Random } from '../scenarios/random.ts'
import { type Difference, difference, linesOf } from './compare.ts'
import { type Copies, placesOf } from './copies.ts'
import { Member } from './member.ts'
import { startPacedTopic } from './paced-topic.ts'
import type { Stage } from './stage.ts'

/** What is done to a process: kill -9, or stopped for longer than its group waits for it. */
export type Trial = { readonly who: string; readonly what: 'kill' | 'pause' }

export interface SplitRun {
  readonly stage: Stage
  readonly broker: KafkaBroker
  readonly copies: Copies
  readonly prefix: string
  readonly lines: readonly string[]
  readonly expected: {
    readonly findings: string
    readonly decisions: readonly string[]
    readonly calls: readonly string[]
  }
  readonly trials: readonly Trial[]
  /** From one trial to the next, about. */
  readonly everyMs: number
  readonly random: Random
  readonly tell: (text: string) => void
}

export interface SplitResult {
  readonly findings: Difference
  readonly decisions: Difference
  readonly calls: Difference
  /** Rows of events in ClickHouse. */
  readonly rows: Difference
  /** Calls that the receiver had seen before, by their key. */
  readonly repeated: number
  /** What the processes wrote, where something differs. */
  readonly logs: string
}

const sessionMs = 2000
const members = ['ingest', 'ingest', 'detect', 'detect', 'respond', 'respond', 'serve', 'copy', 'copy']

/** Plays the lines to a cluster whose processes are killed while it works, and holds what comes of it against what should. */
export async function disturbSplitRoles(run: SplitRun): Promise<SplitResult> {
  const { stage, broker, copies, prefix, lines, expected, trials, everyMs } = run
  const hosts = broker.brokers.map((host) => `'${host}'`).join(', ')
  const config = stage.configure(
    'split',
    `cluster: { prefix: '${prefix}', partitions: 4, session_timeout: ${sessionMs / 1000}s }
sources: [{ type: kafka, brokers: [${hosts}], topics: [{ name: ${prefix} }], group: ${prefix}, idle: 10m }]
${copies.config}`,
  )
  const stop = new AbortController()
  const overMs = everyMs * (trials.length + 1)
  const { sent } = await startPacedTopic({
    brokers: broker.brokers,
    topic: prefix,
    lines,
    overMs,
    signal: stop.signal,
  })
  // Awaited once all trials are over.
  sent.catch(() => {})
  const running = members.map((role, index) => {
    const args = [
      'run',
      '--config',
      config,
      '--roles',
      role,
      '--data-dir',
      join(stage.folder, `${role}-${index}`),
    ]
    return new Member(`${role}-${index}`, args, { ...pagingKey, ...copies.secrets })
  })
  try {
    await Promise.all(running.map((member) => member.ready()))
    for (const trial of trials) {
      await sleep(everyMs * (0.5 + run.random.next()))
      run.tell(await disturb(trial, running, run))
    }
    await sent
    const calls: string[] = []
    // Who takes over from a responder that was killed late waits before it calls anybody.
    const outcome = await settled(async () => {
      calls.push(...stage.takeCalls())
      return { ...(await clusterOutcome(broker.brokers, prefix)), calls: [...new Set(calls)].sort() }
    }, expected)
    const sentPlaces = await placesOf(broker.brokers, prefix)
    const { places } = await settled(async () => ({ places: await copies.places() }), { places: sentPlaces })
    const found = { findings: linesOf(outcome.findings), decisions: outcome.decisions }
    calls.push(...stage.takeCalls())
    const keys = [...new Set(calls)].sort()
    const result = {
      findings: difference(linesOf(expected.findings), found.findings),
      decisions: difference(expected.decisions, found.decisions),
      calls: difference(expected.calls, keys),
      rows: difference(sentPlaces, places),
      repeated: calls.length - keys.length,
    }
    const { findings, decisions, calls: called, rows } = result
    const differences = [findings, decisions, called, rows].flatMap(({ lines }) => lines.slice(0, 1000))
    if (differences.length === 0) return { ...result, logs: '' }
    const logs = running.map(({ name, log }) => `== ${name}\n${log}`)
    return { ...result, logs: [...differences, ...logs].join('\n') }
  } finally {
    stop.abort()
    await Promise.all(running.map((member) => member.stop()))
  }
}

async function disturb({ who, what }: Trial, running: readonly Member[], run: SplitRun): Promise<string> {
  if (who === 'broker') {
    run.broker.process.signal('SIGKILL')
    await run.broker.again()
    return 'broker killed'
  }
  if (who === 'clickhouse') return `ClickHouse killed${run.copies.kill() ? '' : ' (it was just starting)'}`
  const some = running.filter(({ name }) => name.startsWith(who))
  const member = some[run.random.int(0, some.length - 1)]
  if (!member) throw new Error(`there is no ${who}`)
  if (what === 'pause') {
    await member.pause(sessionMs * 3)
    return `${member.name} paused`
  }
  return `${member.name} killed${member.kill() ? '' : ' (it was just starting)'}`
}

/** Waits until it is as expected, or gives what it is after two minutes. */
async function settled<T>(ask: () => Promise<T>, expected: object): Promise<T> {
  const deadline = performance.now() + 120_000
  for (;;) {
    const outcome = await ask()
    const isSame = Object.entries(outcome as object).every(
      ([key, value]) => JSON.stringify(value) === JSON.stringify((expected as Record<string, unknown>)[key]),
    )
    if (isSame || performance.now() > deadline) {
      // A page may be on its way to its receiver.
      await sleep(2000)
      return outcome
    }
    await sleep(1000)
  }
}
