import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it, vi } from 'vitest'
import { KafkaSource, type KafkaSourceOptions } from './kafka-source.ts'

/** Nothing listens on port 1. */
const nowhere = ['127.0.0.1:1']

function open(options: Partial<KafkaSourceOptions>): KafkaSource {
  return new KafkaSource({
    id: 'gateway',
    connection: { brokers: nowhere },
    topics: ['access'],
    groupId: 'picket',
    ...options,
  })
}

async function drain(source: KafkaSource, signal = new AbortController().signal): Promise<string[]> {
  const kinds: string[] = []
  for await (const { kind } of source.read(new Map(), signal)) kinds.push(kind)
  return kinds
}

it('says which brokers it cannot reach, why, and what to check, and goes on trying until stopped', async () => {
  const notices: string[] = []
  const stop = new AbortController()
  const reading = drain(open({ onNotice: (notice) => notices.push(notice) }), stop.signal)
  await vi.waitFor(() => expect(notices).not.toEqual([]), { timeout: 20_000 })
  expect(notices).toEqual([
    expect.stringMatching(
      /^can't reach Kafka at 127\.0\.0\.1:1 yet \(.*ECONNREFUSED.*\); trying on: check that they run/,
    ),
  ])
  stop.abort()
  expect(await reading).toEqual([])
})

it('connects again and again, to each of the brokers', async () => {
  const connections = [0, 0]
  const servers = connections.map((_count, index) =>
    createServer((socket) => {
      connections[index] = (connections[index] ?? 0) + 1
      socket.destroy()
    }).listen(0, '127.0.0.1'),
  )
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const brokers = servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`)
  const stop = new AbortController()
  const reading = drain(open({ connection: { brokers } }), stop.signal)
  await vi.waitFor(() => expect(Math.min(...connections)).toBeGreaterThan(1), { timeout: 20_000 })
  stop.abort()
  expect(await reading).toEqual([])
  for (const server of servers) server.close()
})

it('fails where the reading should come to an end, as in replay', async () => {
  await expect(drain(open({ until: 'end' }))).rejects.toThrow(
    /^cannot read Kafka at 127\.0\.0\.1:1: .*ECONNREFUSED/,
  )
})
