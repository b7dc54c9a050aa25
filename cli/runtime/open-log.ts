import { type Logger, pino } from 'pino'
import { inertJson } from '../render/json-line.ts'

/** Names under which libraries put secrets into what they throw. */
const secrets = ['password', 'sasl', 'authorization', 'routing_key', 'routingKey', 'token', 'secret']

/** Lines as pino writes them; standard error unless told otherwise. */
export interface LogDestination {
  write(text: string): unknown
}

/**
 * The log of `picket run`: one JSON object a line, in which nothing that an attacker wrote acts on a terminal. It is
 * written synchronously, so that the last line of a process that ends is there too.
 */
export function openLog(level: string, destination: LogDestination = standardError()): Logger {
  const paths = secrets.flatMap((name) => [`*.${name}`, `*.*.${name}`])
  return pino(
    { level, redact: { paths, censor: '***' } },
    { write: (line) => void destination.write(`${inertJson(line.trimEnd())}\n`) },
  )
}

function standardError(): LogDestination {
  const destination = pino.destination({ dest: 2, sync: true })
  // Whoever read the log has gone: that must not end what it told of.
  destination.on('error', () => {})
  return destination
}
