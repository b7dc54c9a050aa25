import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { provisionOnce } from '../../test/peers/cache.ts'
import { runCommand } from '../../test/peers/run-command.ts'

const version = '0.23.0'
const rules = join(import.meta.dirname, 'rsigma')
const minutes = 60_000

/** The binary, compiled from crates.io on first use, which takes minutes. Needs `cargo`. */
export async function rsigmaBinary(root: string): Promise<string> {
  const folder = await provisionOnce(`rsigma-${version}`, install, root)
  return join(folder, 'bin', 'rsigma')
}

async function install(folder: string): Promise<void> {
  const args = ['install', '--quiet', '--locked', '--root', folder, '--version', version, 'rsigma']
  await runCommand({ command: 'cargo', args }, 60 * minutes)
  if (!existsSync(join(folder, 'bin', 'rsigma'))) throw new Error('cargo install left no rsigma')
}

/** Milliseconds for the four rules over a file, process start included: it is a hundredth of it. */
export async function runRsigma(binary: string, path: string): Promise<number> {
  const args = ['engine', 'eval', '--rules', rules, '--event', `@${path}`, '--input-format', 'json']
  args.push('--timestamp-field', 'time', '--no-detections', '--suppress', '10m', '--output-format', 'ndjson')
  const started = performance.now()
  await runCommand({ command: binary, args }, 30 * minutes)
  return performance.now() - started
}
