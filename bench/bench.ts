import { argv, stderr } from 'node:process'
import { type BenchFlags, benchCommand, runBench } from './bench-command.ts'
import { docsTable, writeDocsTable } from './docs-table.ts'
import { measures } from './figures.ts'
import { readHistory } from './history.ts'
import { peerMeasures } from './peers/peer-measures.ts'

const command = benchCommand('bench', 'Measures Picket beside references that are timed in the same run.')
  .option('--docs', 'only write the newest figures of bench/history.ndjson into docs/performance.md')
  .action(async (flags: BenchFlags & { readonly docs?: boolean }) => {
    if (!flags.docs) return void (await runBench(measures, flags))
    const specs = [...measures, ...peerMeasures].flatMap(({ figures }) => figures)
    writeDocsTable(docsTable(specs, readHistory()))
  })

try {
  await command.parseAsync(argv)
} catch (error) {
  stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
