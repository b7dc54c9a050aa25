import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { execPath } from 'node:process'

const root = join(import.meta.dirname, '..', '..')
/** Where the compiled bench stands, the package is one folder further up. */
const packageRoot = root.endsWith('dist') ? join(root, '..') : root

export interface PicketProcess {
  readonly child: ChildProcess
  /** Its log so far: JSON lines. */
  log(): string
  /** Resolves when it judges. Rejects with its log when it ends before. */
  readonly ready: Promise<void>
  readonly ended: Promise<number | null>
}

/** `picket run` as a process of its own, from `dist/` or from the sources. It ends with this process. */
export function startPicket(config: string, built: boolean, more: readonly string[] = []): PicketProcess {
  const main = built
    ? [join(packageRoot, 'dist', 'cli', 'main.js')]
    : ['--import', 'tsx', join(packageRoot, 'cli', 'main.ts')]
  const child = spawn(execPath, [...main, 'run', '--config', config, ...more], {
    cwd: packageRoot,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  let log = ''
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      process.removeListener('exit', kill)
      resolve(code)
    })
  })
  const ready = new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text
      if (log.includes('"msg":"ready"')) resolve()
    })
    ended.then(() => reject(new Error(`picket run ended before it was ready: ${log.slice(-1000)}`)))
  })
  // Nobody may be waiting when it ends at the end of its input.
  ready.catch(() => {})
  child.stdin.on('error', () => {})
  return { child, log: () => log, ready, ended }
}
