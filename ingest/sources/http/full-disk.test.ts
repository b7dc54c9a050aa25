import { afterEach, expect, it, vi } from 'vitest'
import { HttpSource } from './http-source.ts'
import { nothingDurable, type ReadSource, readSource } from './testing/read-source.ts'

let reading: ReadSource | undefined
afterEach(() => reading?.stop())

/** A source whose commits come when they are called for, and whose disk can be filled. */
async function start() {
  const disk = { isFull: false }
  const durable = nothingDurable()
  const source = new HttpSource({
    id: 'http',
    host: '127.0.0.1',
    port: 0,
    token: undefined,
    storedMsMax: 1000,
    lacksRoom: () => disk.isFull,
  })
  const read = readSource(source, durable)
  reading = read
  await vi.waitFor(() => expect(read.kinds).toContain('opened'), { timeout: 20_000 })
  const send = async (body: string | ReadableStream, key?: string) => {
    const response = await fetch(`http://127.0.0.1:${source.port}/v1/events`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/x-ndjson',
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body instanceof ReadableStream && { duplex: 'half' }),
    })
    const { error = '' } = (await response.json()) as { readonly error?: string }
    return { status: response.status, after: response.headers.get('retry-after'), error }
  }
  return { disk, durable, reading: read, send }
}

it('who has no key is told that its events were read, and what sending them again means', async () => {
  const { disk, durable, reading, send } = await start()
  const waiting = send('a')
  await vi.waitFor(() => expect(reading.taken).toBe(1), { timeout: 20_000 })
  disk.isFull = true
  const { status, after, error } = await waiting
  expect([status, after]).toEqual([504, '30'])
  expect(error).toMatch(/was read .* without an Idempotency-Key its events may be judged twice/)
  expect(error).not.toContain('nothing')

  const refused = await send('b')
  expect([refused.status, refused.after]).toEqual([503, '10'])
  expect(refused.error).toContain('nothing of this request was taken')

  disk.isFull = false
  await reading.commit()
  expect(durable.records).toEqual(['a'])
})

it('a repeat of a key that waits is told so and not taken; one that was stored is answered as it was', async () => {
  const { disk, durable, reading, send } = await start()
  const stored = send('a', 'stored')
  await vi.waitFor(() => expect(reading.taken).toBe(1), { timeout: 20_000 })
  await reading.commit()
  expect((await stored).status).toBe(200)

  const waiting = send('b', 'waits')
  await vi.waitFor(() => expect(reading.taken).toBe(2), { timeout: 20_000 })
  disk.isFull = true
  for (const answer of [await waiting, await send('b', 'waits')]) {
    expect([answer.status, answer.after]).toEqual([504, '30'])
    expect(answer.error).toContain('send it again with the same Idempotency-Key, and it is judged once')
  }
  expect((await send('a', 'stored')).status).toBe(200)
  expect((await send('c', 'new')).status).toBe(503)

  disk.isFull = false
  await reading.commit()
  expect((await send('b', 'waits')).status).toBe(200)
  expect(durable.records).toEqual(['a', 'b'])
})

it('a body that still comes when the disk fills is not taken', async () => {
  const { disk, durable, reading, send } = await start()
  const bytes = new TextEncoder()
  const sent = send(
    new ReadableStream({
      async start(controller) {
        controller.enqueue(bytes.encode('a\n'))
        await new Promise((resolve) => setTimeout(resolve, 100))
        disk.isFull = true
        controller.enqueue(bytes.encode('b\n'))
        controller.close()
      },
    }),
  )
  expect((await sent).status).toBe(503)
  disk.isFull = false
  await reading.commit()
  expect(durable.records).toEqual([])
})
