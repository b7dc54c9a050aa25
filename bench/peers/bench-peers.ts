import { argv, stderr } from 'node:process'
import { type BenchFlags, benchCommand, runBench } from '../bench-command.ts'
import { peerMeasures } from './peer-measures.ts'

/** Nothing could be measured: the machine lacks what the peers are built with. */
const noPeerCode = 2

const command = benchCommand(
  'bench:peers',
  'Measures Picket beside its nearest peers on the same events. Builds them on first use, into .cache/bench/peers.',
).action(async (flags: BenchFlags) => {
  const figures = await runBench(peerMeasures, flags)
  if (figures.every(({ outcome }) => 'unavailable' in outcome)) process.exitCode = noPeerCode
})

try {
  await command.parseAsync(argv)
} catch (error) {
  stderr.write(`bench:peers: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
