import { brokerNames, type KafkaConnection } from './connection.ts'

/** Why brokers can't be talked to, and which setting that is about. */
export interface ConnectionProblem {
  readonly message: string
  /** Waiting won't mend it: a setting or a certificate has to change. */
  readonly isFinal: boolean
}

/** Codes of Node's TLS for a certificate whose signer is unknown. */
const untrusted = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
])
const outOfDate = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'])
const otherProtocol = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'])

interface KafkaError extends Error {
  readonly code?: unknown
  readonly type?: unknown
  readonly broker?: unknown
  readonly topic?: unknown
}

/** What an error of kafkajs means for the settings; `undefined` when it says nothing about them. */
export function connectionProblem(
  error: unknown,
  connection: KafkaConnection,
): ConnectionProblem | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const problem = problemOf(cause, connection)
    if (problem) return problem
  }
  return undefined
}

function problemOf(error: KafkaError, connection: KafkaConnection): ConnectionProblem | undefined {
  const { name, message, code, broker } = error
  const at = `Kafka broker ${typeof broker === 'string' ? broker : brokerNames(connection)}`
  const final = (text: string) => ({ message: text, isFinal: true })
  if (name === 'KafkaJSSASLAuthenticationError') return final(loginRefused(at, message, connection))
  if (typeof error.type === 'string' && error.type.endsWith('_AUTHORIZATION_FAILED')) {
    return final(
      `${at} does not allow it (${error.type}): let the user${userOf(connection)} describe and read the topics and read the group`,
    )
  }
  if (name === 'KafkaJSRequestTimeoutError') {
    const text = `${at} takes the connection and does not answer: see whether its process is stopped or overloaded, and whether it is Kafka that listens there`
    return { message: text, isFinal: false }
  }
  if (name === 'KafkaJSConnectionClosedError' && !connection.tls) {
    const message = `${at} takes the connection and closes it, which one that wants \`ssl\`${connection.sasl ? '' : ' or `sasl`'} does`
    return { message, isFinal: false }
  }
  if (connection.tls && code === 'ECONNRESET' && /before secure TLS/.test(message)) {
    const text = `${at} closes the connection instead of speaking TLS, as a port without TLS does: if it stays so, remove \`ssl\` and \`tls\`, or name its TLS port`
    return { message: text, isFinal: false }
  }
  if (!connection.tls || typeof code !== 'string') return undefined
  const why = message.replace(/^Connection error: /, '')
  if (untrusted.has(code)) {
    const by =
      connection.tls.ca === undefined ? 'the system trusts; set `tls.ca` to its' : '`tls.ca` has; add its'
    return final(`${at} shows a certificate of an authority that is not among those ${by} authority (${why})`)
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return final(
      `${at} shows a certificate for other names (${why}): write \`brokers\`, and what they advertise, as the certificate has it`,
    )
  }
  if (outOfDate.has(code)) return final(`${at} shows a certificate that is not valid now (${why})`)
  if (otherProtocol.has(code))
    return final(`${at} does not speak TLS there: remove \`ssl\` and \`tls\`, or name its TLS port`)
  if (code.startsWith('ERR_SSL_') && code.includes('ALERT'))
    return final(`${at} refuses our TLS certificate (${why}): check \`tls.cert\` and \`tls.key\``)
  return undefined
}

function loginRefused(at: string, message: string, connection: KafkaConnection): string {
  const { sasl } = connection
  if (/mechanism is not supported/.test(message))
    return `${at} does not take log-ins by ${sasl?.mechanism}: check \`sasl.mechanism\``
  return `${at} refuses the log-in${userOf(connection)} by ${sasl?.mechanism}: check \`sasl.username\` and \`sasl.password\` (${message})`
}

function userOf({ sasl }: KafkaConnection): string {
  return sasl ? ` of '${sasl.username}'` : ''
}
