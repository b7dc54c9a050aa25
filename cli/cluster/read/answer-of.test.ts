import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { answerOf } from './answer-of.ts'

const server = createServer(() => {})
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => server.close())

it('gives up within 15 s on brokers that take connections and say nothing, and names one', async () => {
  const broker = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const begun = performance.now()
  await expect(answerOf({ brokers: [broker, broker] }, ['picket.findings'])).rejects.toThrow(
    `Kafka broker ${broker} takes the connection and does not answer: see whether its process is stopped or overloaded`,
  )
  // Well over 15 s, for a machine that pauses; a second try of both brokers would take longer still.
  expect(performance.now() - begun).toBeLessThan(25_000)
}, 60_000)
