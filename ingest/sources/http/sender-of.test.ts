import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import { senderOf } from './sender-of.ts'

const from = (remoteAddress: string, token: string) =>
  ({ socket: { remoteAddress }, headers: { authorization: `Bearer ${token}` } }) as IncomingMessage

it('is an address while all have one token, and on this machine a connection', () => {
  const sender = senderOf(['first'])
  expect(sender(from('192.0.2.1', 'first'))).toBe(sender(from('192.0.2.1', 'first')))
  expect(sender(from('192.0.2.1', 'first'))).not.toBe(sender(from('192.0.2.2', 'first')))
  expect(sender(from('127.0.0.1', 'first'))).not.toBe(sender(from('127.0.0.1', 'first')))
})

it('is a token at an address where there are several', () => {
  const sender = senderOf(['first', 'second'])
  for (const proxy of ['192.0.2.1', '127.0.0.1']) {
    expect(sender(from(proxy, 'first'))).toBe(sender(from(proxy, 'first')))
    expect(sender(from(proxy, 'first'))).not.toBe(sender(from(proxy, 'second')))
  }
  expect(sender(from('192.0.2.1', 'first'))).not.toBe(sender(from('192.0.2.2', 'first')))
})
