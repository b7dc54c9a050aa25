import { setTimeout as sleep } from 'node:timers/promises'
import { type SpawnOptions, spawnTracked } from './tracked-child.ts'

/** Runs a command to its end and returns what it wrote. Rejects with that output when it fails or takes too long. */
export async function runCommand(options: SpawnOptions, withinMs = 300_000): Promise<string> {
  const child = spawnTracked(options)
  const timer = new AbortController()
  const tooLong = sleep(withinMs, 'too long' as const, { signal: timer.signal, ref: false })
  const end = await Promise.race([child.ended, tooLong])
  if (end === 'too long') {
    child.signal('SIGKILL')
    throw new Error(`${options.command} took longer than ${withinMs} ms:\n${child.output()}`)
  }
  timer.abort()
  if (end.error?.code === 'ENOENT') throw new Error(`${options.command} is not installed`)
  if (end.error) throw end.error
  if (end.code !== 0) {
    throw new Error(`${options.command} ended with ${end.code ?? end.signal}:\n${child.output()}`)
  }
  return child.output()
}
