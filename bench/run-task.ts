import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { execPath } from 'node:process'

const root = join(import.meta.dirname, '..')
/** Enough for a task that reports thousands of latencies. */
const outputBytesMax = 64 * 1024 * 1024

export interface TaskOptions {
  readonly built: boolean
  /** Flags for node, beside those that the figure's text names. */
  readonly flags?: readonly string[]
}

/**
 * Runs `bench/tasks/<name>.ts` in a process of its own and gives what it printed as its last line. Measured is the
 * compiled code, from `dist/`: what a person runs. Throws with what the process wrote when it fails.
 */
export function runTask<Result>(
  name: string,
  input: unknown,
  { built, flags = [] }: TaskOptions,
): Promise<Result> {
  const script = built
    ? [join(root, 'dist', 'bench', 'tasks', `${name}.js`)]
    : ['--import', 'tsx', join(root, 'bench', 'tasks', `${name}.ts`)]
  const args = [...flags, ...script, JSON.stringify(input)]
  return new Promise((resolve, reject) => {
    execFile(execPath, args, { cwd: root, maxBuffer: outputBytesMax }, (error, stdout, stderr) => {
      if (error) return reject(new Error(`${name} failed: ${lastLine(stderr) || error.message}`))
      try {
        resolve(JSON.parse(lastLine(stdout)) as Result)
      } catch {
        reject(new Error(`${name} printed no result: ${lastLine(stdout)}`))
      }
    })
  })
}

/** Of a crash the line that names the error. */
function lastLine(text: string): string {
  const lines = text.trim().split('\n')
  const named = lines.find((line) => /^(\w*Error|FATAL ERROR)\b/.test(line))
  return (named ?? lines.at(-1) ?? '').slice(0, text === '' ? 0 : undefined)
}
