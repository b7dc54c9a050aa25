import { stdout } from 'node:process'
import { Command } from 'commander'
import { loadConfig } from '../../config/load-config.ts'
import { examine, type Result } from '../doctor/examination.ts'
import { examinationsOf } from '../doctor/examinations.ts'
import { nodeVersion } from '../doctor/node-version.ts'
import { jsonLine } from '../render/json-line.ts'
import { paintFor, type Tone } from '../render/paint.ts'
import { safeText } from '../render/safe-text.ts'
import { shellWord } from '../render/shell-word.ts'
import { ExitError, exitCodes } from '../runtime/exit.ts'
import { configFile } from '../runtime/load.ts'
import { configContext } from '../runtime/shipped.ts'
import { configOption, jsonOption } from './options.ts'

/** Every examination has an end of its own well before this. */
const timeoutMs = 12_000

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Looks at everything that picket run needs here: what is reachable, set, free and in time.')
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Run it as the user of picket run, before a start or beside it; it changes nothing and ends within 15 s. Each line is ok,
warn or fail, and what to do about it. Exit code 1 when a line is fail, else 0. The clock is held against ClickHouse and
the HTTP servers that are configured, with a HEAD request.

Examples:
  $ picket doctor --config /etc/picket/picket.yaml
  $ picket doctor --json
  {"level":"fail","about":"kafka gateway","message":"kafka:9092 can't be reached (ECONNREFUSED)","what_to_do":"…"}`,
    )
    .action(doctor)
}

async function doctor(flags: { readonly config?: string; readonly json?: boolean }): Promise<void> {
  const results = await resultsOf(flags.config)
  const paint = paintFor(stdout)
  for (const { level, about, message, todo } of results) {
    if (flags.json) {
      stdout.write(`${jsonLine({ level, about, message, what_to_do: todo })}\n`)
      continue
    }
    const rest = todo === undefined ? '' : `\n${' '.repeat(6)}${safeText(todo, 500)}`
    stdout.write(`${paint(tones[level], level.padEnd(4))}  ${about}: ${safeText(message, 1000)}${rest}\n`)
  }
  const failed = results.filter(({ level }) => level === 'fail').length
  if (failed === 0) return
  const count = `${failed} of ${results.length} lines ${failed === 1 ? 'is' : 'are'} fail`
  throw new ExitError(exitCodes.failed, flags.json ? '' : count)
}

const tones: Readonly<Record<Result['level'], Tone>> = { ok: 'good', warn: 'warning', fail: 'bad' }

async function resultsOf(named: string | undefined): Promise<readonly Result[]> {
  const about = 'configuration'
  const file = configFile(named)
  const check = named === undefined ? 'picket check' : `picket check --config ${shellWord(named)}`
  const loaded = loadConfig(file, configContext())
  const name = file ?? 'built-in defaults'
  if (!loaded.ok) {
    const { length } = loaded.problems
    const message = `${name}: ${length} problem${length === 1 ? '' : 's'}; nothing that it configures is looked at`
    const problem: Result = { level: 'fail', about, message, todo: `${check} lists all of them` }
    return [problem, ...(await examine([nodeVersion()], timeoutMs))]
  }
  const remarks = loaded.notices.map((message): Result => {
    return { level: 'warn', about, message, todo: `${check} tells the place` }
  })
  const fine: Result = { level: 'ok', about, message: `${name}: no problems` }
  return [fine, ...remarks, ...(await examine(examinationsOf(loaded), timeoutMs))]
}
