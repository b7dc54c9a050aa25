import type { IncomingMessage } from 'node:http'
import type { Sender } from '../pushed/waiting-bytes.ts'
import { tokenNumber } from './access.ts'

const loopback = /^(::ffff:)?127\.|^::1$/

/**
 * Who shares the room with others. An address, for a client opens as many connections as it likes; on this machine each
 * connection, for there all have one address. Where there are several tokens, by token and address: so senders behind one proxy, on
 * this machine or elsewhere, do not share when each has its own.
 */
export function senderOf(tokens: readonly string[]): (request: IncomingMessage) => Sender {
  if (tokens.length < 2) return byAddress
  const numberOf = tokenNumber(tokens)
  return ({ socket, headers }) => `${numberOf(headers.authorization ?? '')} ${socket.remoteAddress ?? ''}`
}

function byAddress({ socket }: Pick<IncomingMessage, 'socket'>): Sender {
  const { remoteAddress } = socket
  return remoteAddress === undefined || loopback.test(remoteAddress) ? socket : remoteAddress
}
