import type { KafkaConnection } from '../connection.ts'

/** Messages are asked for again when the reader is slow, so more than this in advance is memory for nothing, KiB. */
const queuedKbMax = 16_384

/** Settings of librdkafka for a connection (its CONFIGURATION.md has them all). */
export function rdkafkaSettings(connection: KafkaConnection): Record<string, unknown> {
  const { clientId = 'picket', brokers, tls, sasl, connectTimeoutMs, requestTimeoutMs } = connection
  const protocol = `${sasl ? 'sasl_' : ''}${tls ? 'ssl' : 'plaintext'}`
  return {
    'client.id': clientId,
    'metadata.broker.list': brokers.join(','),
    'security.protocol': protocol,
    ...(tls?.ca !== undefined && { 'ssl.ca.pem': tls.ca }),
    ...(tls?.cert !== undefined && { 'ssl.certificate.pem': tls.cert }),
    ...(tls?.key !== undefined && { 'ssl.key.pem': tls.key }),
    ...(tls?.passphrase !== undefined && { 'ssl.key.password': tls.passphrase }),
    ...(tls && { 'ssl.endpoint.identification.algorithm': 'https' }),
    ...(sasl && {
      'sasl.mechanism': sasl.mechanism.toUpperCase(),
      'sasl.username': sasl.username,
      'sasl.password': sasl.password,
    }),
    ...(connectTimeoutMs !== undefined && { 'socket.connection.setup.timeout.ms': connectTimeoutMs }),
    ...(requestTimeoutMs !== undefined && { 'socket.timeout.ms': requestTimeoutMs }),
    'queued.max.messages.kbytes': queuedKbMax,
    'fetch.wait.max.ms': 250,
    'topic.metadata.refresh.interval.ms': 10_000,
    'allow.auto.create.topics': false,
    'enable.auto.commit': false,
    'enable.auto.offset.store': false,
    // Tells how far a partition goes where its end is no message but a transaction's marker.
    'enable.partition.eof': true,
    'isolation.level': 'read_committed',
    'check.crcs': true,
  }
}
