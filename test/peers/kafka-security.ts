import { join } from 'node:path'
import { runCommand } from './run-command.ts'

/** Listeners of the broker that ask who is there, and files and names to answer with. */
export interface KafkaSecurity {
  /** Log-in without TLS, `host:port`. */
  readonly saslPlaintext: string
  /** Log-in over TLS. */
  readonly saslSsl: string
  /** TLS with a certificate from both. */
  readonly mutualTls: string
  /** The same address as `saslSsl`, by a name that its certificate does not have. */
  readonly otherName: string
  readonly user: string
  readonly password: string
  /** PEM files: the authority, another one that signed nothing here, and a client's certificate with its key. */
  readonly files: {
    readonly ca: string
    readonly otherCa: string
    readonly cert: string
    readonly key: string
  }
}

export interface SecurityPorts {
  readonly saslPlaintext: number
  readonly saslSsl: number
  readonly mutualTls: number
}

const user = 'picket'
const password = 'correct horse; battery=staple'

/** Whether certificates can be made here; without them a broker has no listeners with TLS or log-in. */
export function hasOpenssl(): Promise<boolean> {
  return runCommand({ command: 'openssl', args: ['version'] }).then(
    () => true,
    () => false,
  )
}

/** Makes the certificates, EC because these take no time. The broker's is for `localhost` and not for its address. */
export async function makeCertificates(folder: string): Promise<KafkaSecurity['files']> {
  const at = (name: string) => join(folder, name)
  const openssl = (...args: readonly string[]) => runCommand({ command: 'openssl', args })
  const key = (name: string) => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    at(name),
  ]
  const signed = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-days', '2']
  for (const name of ['ca', 'other-ca'])
    await openssl(
      'req',
      '-x509',
      ...key(`${name}.key`),
      '-out',
      at(`${name}.pem`),
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
    )
  const names = ['-addext', 'subjectAltName=DNS:localhost']
  await openssl(
    'req',
    '-x509',
    ...key('broker.key'),
    '-out',
    at('broker.pem'),
    '-subj',
    '/CN=broker',
    ...names,
    ...signed,
  )
  await openssl(
    'req',
    '-x509',
    ...key('client.key'),
    '-out',
    at('client.pem'),
    '-subj',
    '/CN=client',
    ...signed,
  )
  return { ca: at('ca.pem'), otherCa: at('other-ca.pem'), cert: at('client.pem'), key: at('client.key') }
}

/** Settings of the broker for the listeners; `pem` holds the broker's key and certificate, as Kafka wants them in one file. */
export function securityProperties(files: KafkaSecurity['files'], pem: string): string {
  const plain = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${user}="${password}";`
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  const ssl = (listener: string) => `
listener.name.${listener}.ssl.keystore.type=PEM
listener.name.${listener}.ssl.keystore.location=${pem}
listener.name.${listener}.ssl.truststore.type=PEM
listener.name.${listener}.ssl.truststore.location=${files.ca}
`
  const sasl = (listener: string) => `
listener.name.${listener}.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.${listener}.plain.sasl.jaas.config=${plain}
listener.name.${listener}.scram-sha-256.sasl.jaas.config=${scram}
listener.name.${listener}.scram-sha-512.sasl.jaas.config=${scram}
`
  return `listener.name.ssl.ssl.client.auth=required
${ssl('ssl')}${ssl('sasl_ssl')}${sasl('sasl_ssl')}${sasl('sasl_plaintext')}`
}

/** What the storage is formatted with, so that the users are there from the first moment. */
export function scramUsers(): string[] {
  return ['256', '512'].flatMap((bits) => [
    '--add-scram',
    `SCRAM-SHA-${bits}=[name=${user},password=${password}]`,
  ])
}

export function security(ports: SecurityPorts, files: KafkaSecurity['files']): KafkaSecurity {
  return {
    saslPlaintext: `127.0.0.1:${ports.saslPlaintext}`,
    saslSsl: `localhost:${ports.saslSsl}`,
    mutualTls: `localhost:${ports.mutualTls}`,
    otherName: `127.0.0.1:${ports.saslSsl}`,
    user,
    password,
    files,
  }
}
