import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process, { argv, exit, stderr, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { attackLines } from '../cluster/attack.ts'
import { startKafka } from '../peers/kafka.ts'
import { seededRandom } from '../scenarios/random.ts'
import { Copies } from './copies.ts'
import { resultTable } from './result-table.ts'
import { disturbSplitRoles, type Trial } from './split-roles.ts'
import { Stage } from './stage.ts'

const usualKinds = 'ingest,detect,respond,serve,copy,clickhouse,pause-ingest,pause-respond,pause-copy,broker'

const help = `Plays a recorded attack to real processes and a real Kafka, kills them while they work, and compares findings, decisions and
calls at a recording receiver with those of an undisturbed run, and rows in ClickHouse with what was sent.

  npm run test:chaos -- [options]

  --trials N    So many disturbances, each of the next kind in turn (default 10).
  --every S     Seconds from one to the next, about (default 10).
  --kinds LIST  Which (default ${usualKinds}).
                A role is killed with SIGKILL and started again; pause-<role> stops it for three sessions and lets it go on.
  --seed N      Of the moments and of which process of a role (default 1).
  --logs FOLDER Where the logs go when something differs (default .cache/chaos).
  --help        This text.

Exits with 1 when anything was lost or happened twice.
`

function fail(why: string): never {
  stderr.write(`${why}\n\n${help}`)
  exit(2)
}

const kinds: Readonly<Record<string, Trial>> = {
  ingest: { who: 'ingest', what: 'kill' },
  detect: { who: 'detect', what: 'kill' },
  respond: { who: 'respond', what: 'kill' },
  serve: { who: 'serve', what: 'kill' },
  'pause-ingest': { who: 'ingest', what: 'pause' },
  'pause-detect': { who: 'detect', what: 'pause' },
  'pause-respond': { who: 'respond', what: 'pause' },
  copy: { who: 'copy', what: 'kill' },
  'pause-copy': { who: 'copy', what: 'pause' },
  clickhouse: { who: 'clickhouse', what: 'kill' },
  broker: { who: 'broker', what: 'kill' },
}

function options() {
  try {
    return parseArgs({
      args: argv.slice(2),
      options: {
        trials: { type: 'string', default: '10' },
        every: { type: 'string', default: '10' },
        kinds: { type: 'string', default: usualKinds },
        seed: { type: 'string', default: '1' },
        logs: { type: 'string', default: '.cache/chaos' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}

function whole(name: string, text: string): number {
  const value = Number(text)
  return Number.isInteger(value) && value > 0
    ? value
    : fail(`--${name} ${text}: must be a whole number above 0`)
}

const given = options()
if (given.help) {
  stdout.write(help)
  exit(0)
}
const trialsWanted = whole('trials', given.trials)
const everyMs = whole('every', given.every) * 1000
const wanted = given.kinds
  .split(',')
  .map((kind) => kinds[kind] ?? fail(`--kinds ${kind}: there is no such kind`))
const trials = Array.from({ length: trialsWanted }, (_, index) => wanted[index % wanted.length] as Trial)

// Each child is ended with this process.
process.setMaxListeners(0)
const broker = await startKafka()
if ('skip' in broker) fail(broker.skip)
const stage = await Stage.open()
const copies = await Copies.open(join(stage.folder, 'clickhouse'))
let isSame = false
try {
  // A minute of the recording passes in about three seconds.
  const minutes = Math.max(20, Math.ceil((trials.length * everyMs) / 3000))
  const lines = attackLines({ end: Date.now(), minutes, attackers: minutes * 2, clients: minutes * 10 })
  const expected = await stage.undisturbed(lines)
  const tell = (text: string) => stdout.write(`${text}\n`)
  tell(`${lines.length} events, ${expected.calls.length} calls expected; ${trials.length} disturbances`)
  const prefix = `chaos-${process.pid}`
  const random = seededRandom(whole('seed', given.seed))
  const result = await disturbSplitRoles({
    stage,
    broker,
    copies,
    prefix,
    lines,
    expected,
    trials,
    everyMs,
    random,
    tell,
  })
  stdout.write(resultTable(trials, expected, lines.length, result))
  isSame = result.logs === ''
  if (!isSame) {
    mkdirSync(given.logs, { recursive: true })
    writeFileSync(`${given.logs}/split-roles.log`, result.logs)
    stdout.write(`logs: ${given.logs}/split-roles.log\n`)
  }
} finally {
  await broker.stop()
  await copies.close()
  await stage.close()
}
exit(isSame ? 0 : 1)
