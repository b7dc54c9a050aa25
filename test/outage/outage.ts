import { argv, exit, stderr, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { measureOutage } from './measure-outage.ts'
import { whatDiffers } from './what-differs.ts'

const help = `Two picket run side by side over one log, and the ClickHouse of one of them goes away.

  npm run outage -- [--minutes M] [--rate N]

  --minutes M  How long it is away (default 10).
  --rate N     Events a second (default 1000).

Prints how much later findings were told than beside it, and whether all rows are there once.
Exits with 1 when a finding or a row is missing, or there twice.
`

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '1000' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  stdout.write(help)
  exit(0)
}
const result = await measureOutage({
  awayMs: Number(values.minutes) * 60_000,
  rate: Number(values.rate),
  report: (text) => stderr.write(`${text}\n`),
})
const { problems, laterMs } = whatDiffers(result)
const at = (share: number) =>
  Math.round(laterMs[Math.min(laterMs.length - 1, Math.floor(share * laterMs.length))] ?? Number.NaN)
stdout.write(
  `${result.sent} events, ${result.away.findings.size} findings, ${result.away.panes.rows} panes
told later than without the outage: median ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms, least ${at(0)} ms
${Math.round(result.spillBytes / 1024)} KB on disk at its end, all there ${(result.drainedMs / 1000).toFixed(1)} s after it
${problems.length === 0 ? 'no row and no finding is missing or there twice' : problems.join('\n')}
`,
)
exit(problems.length > 0 ? 1 : 0)
