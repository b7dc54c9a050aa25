import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { type AskTime, clock, httpTime } from './clock.ts'

const signal = new AbortController().signal
const ask =
  (offsetMs: number): AskTime =>
  async () => ({ of: 'clickhouse', offsetMs, withinMs: 500 })

it.each([
  [0, 'ok', '0.0 s behind'],
  [2400, 'ok', '2.4 s ahead of'],
  [-2600, 'warn', '2.6 s behind'],
  [301_000, 'fail', '301.0 s ahead of'],
  [-400_000, 'fail', '400.0 s behind'],
])('a clock that is %d ms off is %s', async (offsetMs, level, told) => {
  const [result] = await clock([ask(offsetMs)]).examine(signal)
  expect(result).toMatchObject({ level, message: expect.stringContaining(told) })
})

it('says that it does not know when nobody tells a time, also when those asked are away', async () => {
  const away: AskTime = () => Promise.reject(new Error('away'))
  for (const asked of [[], [away, async () => undefined]]) {
    expect(await clock(asked).examine(signal)).toMatchObject([{ level: 'warn' }])
  }
})

let server: Server | undefined
afterEach(() => server?.close())

it('reads the time of an HTTP server, whatever it answers', async () => {
  server = createServer((_request, response) => {
    response.sendDate = false
    response.writeHead(405, { date: new Date(Date.now() - 3_600_000).toUTCString() }).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const sample = await httpTime(`http://127.0.0.1:${port}/`)(signal)
  expect(sample?.of).toBe(`127.0.0.1:${port}`)
  expect(Math.abs((sample?.offsetMs ?? 0) + 3_600_000)).toBeLessThanOrEqual(sample?.withinMs ?? 0)
})
