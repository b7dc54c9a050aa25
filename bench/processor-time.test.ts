import { expect, it } from 'vitest'
import { processorMs } from './processor-time.ts'

it.runIf(process.platform === 'linux')('tells what this process has taken', () => {
  const before = processorMs(process.pid)
  const until = process.cpuUsage().user + 60_000
  while (process.cpuUsage().user < until);
  const taken = processorMs(process.pid) - before
  expect(taken).toBeGreaterThanOrEqual(40)
  expect(taken).toBeLessThan(2000)
})

it('tells nothing of a process that is not there', () => {
  expect(processorMs(undefined)).toBeNaN()
})
