import type { IncomingMessage } from 'node:http'
import type { Sender } from '../pushed/waiting-bytes.ts'

const loopback = /^(::ffff:)?127\.|^::1$/

/**
 * Who shares the room with others: an address, for a client opens as many connections as it likes; on this machine each
 * connection, for there all have one address.
 */
export function senderOf({ socket }: Pick<IncomingMessage, 'socket'>): Sender {
  const { remoteAddress } = socket
  return remoteAddress === undefined || loopback.test(remoteAddress) ? socket : remoteAddress
}
