import { expect, it } from 'vitest'
import { openLog } from './open-log.ts'

it('escapes what a terminal obeys, in messages and fields, and leaves the value as it was', () => {
  const written: string[] = []
  const log = openLog('info', { write: (line) => written.push(line) })
  const hostile = 'a\u001b[31m\u009b2J\u202eb'
  log.warn({ path: hostile }, hostile)
  expect(written).toHaveLength(1)
  expect(written[0]).toMatch(/^[ -~]+\n$/)
  expect(JSON.parse(written[0] ?? '')).toMatchObject({ path: hostile, msg: hostile })
})

it('keeps secrets out that a library puts into its errors', () => {
  const written: string[] = []
  const log = openLog('info', { write: (line) => written.push(line) })
  const error = Object.assign(new Error('refused'), { sasl: { username: 'picket', password: 'hunter2' } })
  log.error({ err: error, client: { password: 'hunter2' } }, 'could not connect')
  expect(written.join('')).toContain('could not connect')
  expect(written.join('')).not.toContain('hunter2')
})
