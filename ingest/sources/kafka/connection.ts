import type { KafkaConfig } from 'kafkajs'

/** What TLS is checked against, and who we are: PEM texts. */
export interface KafkaTls {
  /** The system authorities when absent. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly passphrase?: string
}

/** How to reach the brokers, whatever the client library; secrets already resolved. */
export interface KafkaConnection {
  readonly clientId?: string
  /** `host:port` of those to start from. */
  readonly brokers: readonly string[]
  /** No TLS when absent. */
  readonly tls?: KafkaTls
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
    readonly username: string
    readonly password: string
  }
  readonly connectTimeoutMs?: number
  readonly requestTimeoutMs?: number
}

/** The brokers as messages name them. */
export function brokerNames({ brokers }: Pick<KafkaConnection, 'brokers'>): string {
  return brokers.join(', ')
}

/** The same for kafkajs. */
export function kafkajsConfig(connection: KafkaConnection): KafkaConfig {
  const { clientId = 'picket', brokers, tls, sasl, connectTimeoutMs, requestTimeoutMs } = connection
  return {
    clientId,
    brokers: [...brokers],
    ...(tls && { ssl: { ...tls } }),
    // The cast: kafkajs types each mechanism by itself.
    ...(sasl && { sasl: { ...sasl } as NonNullable<KafkaConfig['sasl']> }),
    ...(connectTimeoutMs !== undefined && { connectionTimeout: connectTimeoutMs }),
    ...(requestTimeoutMs !== undefined && { requestTimeout: requestTimeoutMs }),
  }
}
