import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { expect, it } from 'vitest'

const script = `
import { runSignals } from ${JSON.stringify(join(import.meta.dirname, 'run-signals.ts'))}
const { stop } = runSignals()
stop.addEventListener('abort', () => process.stdout.write('stopping'))
setInterval(() => {}, 1000)
process.stdout.write('running')
`

it.each([
  ['SIGINT', 'SIGTERM'],
  ['SIGTERM', 'SIGINT'],
  ['SIGTERM', 'SIGTERM'],
] as const)('%s and then %s ends a process that hangs', async (first, second) => {
  const child = spawn(execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const ended = once(child, 'exit')
    expect(String(await once(child.stdout, 'data'))).toBe('running')
    child.kill(first)
    expect(String(await once(child.stdout, 'data'))).toBe('stopping')
    child.kill(second)
    // A process that ignores it is killed later, by SIGKILL.
    expect(await ended).toEqual([null, second])
  } finally {
    child.kill('SIGKILL')
  }
})
