import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { env, execPath } from 'node:process'

const root = join(import.meta.dirname, '..', '..')

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface PicketProcess {
  readonly child: ChildProcess
  /** Everything printed so far. */
  readonly output: { stdout: string; stderr: string }
  /** Resolves when the process has ended, however that came. */
  readonly ended: Promise<Finished>
}

/** Starts the command line as a process of its own, from the sources. It ends with the test runner. */
export function startPicket(args: readonly string[], variables: Record<string, string> = {}): PicketProcess {
  const child = spawn(execPath, ['--import', 'tsx', join(root, 'cli', 'main.ts'), ...args], {
    cwd: root,
    env: { ...env, ...variables },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const ended = new Promise<Finished>((resolve) => {
    child.once('close', (code) => {
      process.removeListener('exit', kill)
      resolve({ code, ...output })
    })
  })
  return { child, output, ended }
}

/** Runs the command line to its end. */
export async function picket(args: readonly string[], input?: string | Uint8Array): Promise<Finished> {
  const { child, ended } = startPicket(args)
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  return ended
}
