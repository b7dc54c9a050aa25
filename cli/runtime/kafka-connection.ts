import { createSecureContext } from 'node:tls'
import type { PicketConfig } from '../../config/picket-config.ts'
import type { SourceConfig } from '../../config/schema/sources.ts'
import { resolveSecret, type SecretReference } from '../../config/secret.ts'
import type { KafkaConnection, KafkaTls } from '../../ingest/sources/kafka/connection.ts'

type ConnectionConfig =
  | Pick<Extract<SourceConfig, { type: 'kafka' }>, 'brokers' | 'ssl' | 'tls' | 'sasl'>
  | Pick<NonNullable<PicketConfig['dead_letters']['kafka']>, 'brokers' | 'ssl' | 'tls' | 'sasl'>

/** How to reach the brokers that are configured. Throws `SecretError`, and for certificates that are none. */
export function kafkaConnection({ brokers, ssl, tls, sasl }: ConnectionConfig): KafkaConnection {
  const isTls = ssl ?? tls !== undefined
  return {
    clientId: 'picket',
    brokers,
    ...(isTls && { tls: tlsOf(tls ?? {}) }),
    ...(sasl && { sasl: { ...sasl, password: resolveSecret(sasl.password) } }),
  }
}

type TlsConfig = { readonly [Name in keyof KafkaTls]?: SecretReference | undefined }

function tlsOf(config: TlsConfig): KafkaTls {
  const tls = Object.fromEntries(
    Object.entries(config).flatMap(([name, reference]) =>
      reference === undefined ? [] : [[name, resolveSecret(reference)]],
    ),
  ) as KafkaTls
  const { ca, cert, key } = config
  try {
    // Node takes any text for authorities, and then trusts none.
    if (tls.ca !== undefined && !tls.ca.includes('-----BEGIN CERTIFICATE-----'))
      throw new Error('no certificate in tls.ca')
    createSecureContext(tls)
  } catch (error) {
    const names = [ca && 'tls.ca', cert && 'tls.cert', key && 'tls.key'].filter(Boolean).join(', ')
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(
      `${names}: can't be used for TLS (${why}): they must be PEM, and the key that of the certificate`,
    )
  }
  return tls
}
