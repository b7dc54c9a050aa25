import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { Kafka, logLevel } from 'kafkajs'
import { expect, it } from 'vitest'
import { readToEnd } from './read-to-end.ts'

it('does not wait for a broker that takes connections and says nothing', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const kafka = new Kafka({ brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING })
  const reading = readToEnd({
    kafka,
    prefix: 'picket',
    ends: new Map([['picket.findings', [{ partition: 0, low: 0, high: 1 }]]]),
    onMessage: () => {},
    silentMsMax: 400,
  })
  await expect(reading).rejects.toThrow('no broker has answered for 0.4 s')
  server.close()
})
