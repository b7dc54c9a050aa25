import { stdout } from 'node:process'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type FormatId, formatList } from '../../ingest/formats/formats.ts'
import { jsonLine } from '../render/json-line.ts'
import { screenLayout } from '../render/layout.ts'
import { safeText } from '../render/safe-text.ts'
import { triedLineJson, triedLineText } from '../render/tried-line.ts'
import { nextSteps, trySummaryText } from '../render/try-summary-text.ts'
import { ExitError, exitCodes } from '../runtime/exit.ts'
import { load } from '../runtime/load.ts'
import { sampleLines } from '../runtime/sample-lines.ts'
import { tryLines } from '../runtime/try-lines.ts'
import { trySummary } from '../runtime/try-summary.ts'
import { unreadHint } from '../runtime/unread-hint.ts'
import { configOption, formatOption, jsonOption } from './options.ts'

interface Flags {
  readonly config?: string
  readonly format?: FormatId
  readonly lines: number
  readonly json?: boolean
}

const linesDefault = 20
const linesMax = 10_000

export function ingestTryCommand(): Command {
  const formats = formatList.map(({ id, summary }) => `  ${id.padEnd(16)} ${summary}`).join('\n')
  return new Command('try')
    .description('Shows line by line which key tells which field, what is dropped and why. Writes nothing.')
    .argument('<file...>', 'logs, plain or .gz; - for standard input')
    .addOption(configOption())
    .addOption(formatOption())
    .addOption(
      new Option('-n, --lines <count>', 'so many of the first lines of each file, headings not counted')
        .argParser(countOf)
        .default(linesDefault, String(linesDefault)),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A key tells a field if the event would lack it, or tell it otherwise, without the key. Accounts, and principals where
configured, are shown as pseudonyms under a public key. Blank lines and headings (#) are not counted. Times far off are refused later, when lines are compared.
With --json each line is an object of type line, then one of type summary. Ends with 1 when no line is an event.

Formats:
${formats}

Examples:
  $ picket ingest try access.log
  $ zcat access.log.gz | picket ingest try - --format traefik --lines 3
  $ picket ingest try kong.log --config picket.yaml       (with the mapping of ingest.kong)
  $ picket ingest try waf.log.gz --json | jq 'select(.outcome == "refused")'`,
    )
    .action(tryFiles)
}

async function tryFiles(files: string[], flags: Flags): Promise<void> {
  const loaded = load(flags.config)
  const topic = files.find((file) => file.startsWith('kafka:'))
  if (topic !== undefined) {
    const advice = 'picket ingest try reads files and standard input; save some records to a file first'
    throw new ExitError(exitCodes.usage, `${safeText(topic, 300)}: ${advice}`)
  }
  const inputs = await sampleLines(files, flags.lines).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error)
    throw new ExitError(exitCodes.failed, safeText(message, 500))
  })
  const lines = tryLines(inputs, loaded, flags.format)
  const summary = trySummary(lines, loaded.detectors)
  if (flags.json) {
    for (const line of lines) stdout.write(`${triedLineJson(line)}\n`)
    stdout.write(`${jsonLine({ type: 'summary', ...summary, next: nextSteps(summary) })}\n`)
  } else {
    const layout = screenLayout(stdout)
    for (const line of lines) stdout.write(`${triedLineText(line, layout)}\n\n`)
    stdout.write(`${trySummaryText(summary, layout)}\n`)
  }
  if (summary.events > 0) return
  const hints = files.flatMap((file) => unreadHint(file) ?? [])
  throw new ExitError(exitCodes.failed, ['no line is an event', ...hints].join('\n'))
}

function countOf(text: string): number {
  const count = Number(text)
  if (/^\d{1,5}$/.test(text) && count > 0 && count <= linesMax) return count
  throw new InvalidArgumentError(`Write a whole number from 1 to ${linesMax}.`)
}
