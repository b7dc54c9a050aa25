import { argv, exit, stderr, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { type Canary, canaries } from './canaries.ts'
import { addRun, everyCrash, noRuns, type Total, trials } from './modes.ts'
import type { Report } from './simulate.ts'

const help = `Simulates Picket over ports that fail, on one seeded scheduler, and checks its promises after each run.

  npm run sim -- [options]

  --seed N       First seed (default 1). The same seed gives the same run.
  --hours H      Length of the traffic of a run, in hours of virtual time (default 1 minute).
  --trials N     So many runs, of the seeds from --seed on (default 1).
  --kills K      Kills of the process in a minute of traffic, about (default 6).
  --every-crash  One minute without other faults, killed at each of its port calls in turn.
  --canary NAME  Plants a known bug, which must be found: ${Object.keys(canaries).join(', ')}.
  --json         One JSON object on standard output instead of text.
  --help         This text.

Examples:
  npm run sim -- --seed 1 --hours 1
  npm run sim -- --trials 1700 --json
  npm run sim -- --seed 7 --every-crash
  npm run sim -- --canary positions-first --kills 12 --trials 10

Exits with 1 when a promise was broken, and names the seed; with 2 when an option is wrong.
`

function fail(why: string): never {
  stderr.write(`${why}\n\n${help}`)
  exit(2)
}

function options() {
  try {
    return parseArgs({
      args: argv.slice(2),
      options: {
        seed: { type: 'string', default: '1' },
        hours: { type: 'string', default: String(1 / 60) },
        trials: { type: 'string', default: '1' },
        kills: { type: 'string', default: '6' },
        'every-crash': { type: 'boolean', default: false },
        canary: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  return Number.isFinite(value) && value >= 0 ? value : fail(`--${name} ${text}: must be a number`)
}

function canaryOf(name: string | undefined): Canary | undefined {
  if (name === undefined) return undefined
  return canaries[name] ?? fail(`--canary ${name}: there is no such bug`)
}

function progress({ runs, kills, failures }: Total, last: Report): void {
  if (!stderr.isTTY && runs % 100 !== 0) return
  const line = `run ${runs}, seed ${last.seed}: ${kills} kills, ${failures.length} failures`
  stderr.write(stderr.isTTY ? `\r${line}` : `${line}\n`)
}

function failureText({ seed, violations, killedAt }: Report): string {
  const where = killedAt.map((place) => `    killed at ${place}`)
  return [
    `  seed ${seed} failed:`,
    ...violations.map((what) => `    ${what.replaceAll('\0', ':')}`),
    ...where,
  ].join('\n')
}

function text(total: Total): string {
  const number = new Intl.NumberFormat('en-US')
  const shown = Object.entries(total).flatMap(([name, value]) =>
    typeof value === 'number' ? [`${number.format(value)} ${name}`] : [],
  )
  const failures = total.failures.slice(0, 20).map(failureText)
  return [shown.join(', '), `${total.failures.length} runs broke a promise`, ...failures, ''].join('\n')
}

const given = options()
if (given.help) {
  stdout.write(help)
  exit(0)
}
const seed = positive('seed', given.seed)
const minutes = positive('hours', given.hours) * 60
const canary = canaryOf(given.canary)
const work = given['every-crash']
  ? everyCrash(seed, canary)
  : trials(seed, positive('trials', given.trials), minutes, positive('kills', given.kills), canary)
const total = noRuns()
let digest = ''
for await (const report of work()) {
  addRun(total, report)
  digest = report.digest
  progress(total, report)
}
if (stderr.isTTY) stderr.write('\n')
stdout.write(given.json ? `${JSON.stringify({ ...total, digest })}\n` : text(total))
exit(total.failures.length > 0 ? 1 : 0)
