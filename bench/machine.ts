import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { version } from 'node:process'

const root = join(import.meta.dirname, '..')

export interface Machine {
  readonly cores: number
  readonly cpu: string
  readonly memoryGb: number
  readonly node: string
}

export function thisMachine(): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: version,
  }
}

/** The commit that is measured; `+` when files differ from it, `unknown` outside a repository. */
export function measuredCommit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+')
  } catch {
    return 'unknown'
  }
}

/** Compiles the package as it ships, and the tasks of the bench beside it. */
export function buildAll(): void {
  execFileSync(process.execPath, ['build.mjs'], { cwd: root, stdio: ['ignore', 2, 2] })
  execFileSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', 'bench'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
}
