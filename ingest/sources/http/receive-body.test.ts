import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { WaitingBytes } from '../pushed/waiting-bytes.ts'
import { receiveBody } from './receive-body.ts'

function requestOf(stream: Readable, headers: Record<string, string> = {}): IncomingMessage {
  return Object.assign(stream, { headers }) as unknown as IncomingMessage
}

it('keeps no chunk: one of a byte would cost a hundred', async () => {
  const stream = new Readable({ read() {} })
  const body = receiveBody(requestOf(stream), { bytesMax: 100, waiting: new WaitingBytes(100), sender: 'a' })
  const chunk = Buffer.from('a')
  for (const letter of ['a', 'b', 'c']) {
    chunk.write(letter)
    stream.push(chunk)
    for (let turn = 0; turn < 5; turn++) await setImmediate()
  }
  stream.push(null)
  expect((await body).toString()).toBe('abc')
})

it('gzip that inflates to nothing is held to the limit as sent', async () => {
  const nothing = gzipSync('')
  const request = requestOf(Readable.from(Array(20).fill(nothing)), { 'content-encoding': 'gzip' })
  const receiving = receiveBody(request, { bytesMax: 200, waiting: new WaitingBytes(100), sender: 'a' })
  await expect(receiving).rejects.toMatchObject({ status: 413 })
})
