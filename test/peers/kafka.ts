import { randomBytes } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { freePort } from './free-port.ts'
import { kafkaJars } from './kafka-jars.ts'
import {
  hasOpenssl,
  type KafkaSecurity,
  makeCertificates,
  type SecurityPorts,
  scramUsers,
  security,
  securityProperties,
} from './kafka-security.ts'
import { ownedFolder } from './owned-folder.ts'
import { type RunningProcess, startProcess } from './process.ts'
import { runCommand } from './run-command.ts'
import type { Skip } from './skip.ts'

export interface KafkaPeer {
  readonly brokers: string[]
  /** Its listeners with TLS and log-in, where it has some. */
  readonly security?: KafkaSecurity
  /** Stops the broker and deletes its data; does nothing to a broker that was there before. */
  stop(): Promise<void>
}

export interface KafkaBroker extends KafkaPeer {
  readonly process: RunningProcess
  /** Starts it again over its data, on its port, after `process` was killed. */
  again(): Promise<void>
}

/** Kafka's own defaults are for three brokers and long-lived groups; these are for one broker and impatient tests. */
function serverProperties(
  port: number,
  controllerPort: number,
  dataFolder: string,
  ports: SecurityPorts | undefined,
): string {
  const others = ports
    ? `,SASL_PLAINTEXT://127.0.0.1:${ports.saslPlaintext},SASL_SSL://127.0.0.1:${ports.saslSsl},SSL://127.0.0.1:${ports.mutualTls}`
    : ''
  // The certificate is for a name.
  const advertised = others.replace(/(SSL):\/\/127\.0\.0\.1/g, '$1://localhost')
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${others}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}${advertised}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=${dataFolder}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
num.partitions=4
auto.create.topics.enable=false
# Tests of failover don't wait out the default of 6 s until a dead member is noticed.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
# Recorded traffic keeps its old timestamps and must not count as expired.
log.retention.ms=-1
`
}

/** The broker in KAFKA_BROKERS when set, else one of our own. Share it: name topics and groups uniquely. */
export async function provideKafka(): Promise<KafkaPeer | Skip> {
  const given = process.env.KAFKA_BROKERS
  if (!given) return startKafka({ isSecured: await hasOpenssl() })
  const brokers = given.split(',').map((broker) => broker.trim())
  if (!(await answers(brokers, 10_000))) throw new Error(`KAFKA_BROKERS=${given} doesn't answer`)
  return { brokers, stop: async () => {} }
}

export interface StartKafkaOptions {
  /** Whether it also has listeners with TLS and log-in. */
  readonly isSecured?: boolean
}

/** A broker for the caller alone, for tests that pause or kill it. Takes about 3 s and 350 MB. */
export async function startKafka({ isSecured = false }: StartKafkaOptions = {}): Promise<KafkaBroker | Skip> {
  const jars = await kafkaJars()
  if ('skip' in jars) return jars
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnFreePorts(jars.classPath, isSecured)
    } catch (error) {
      // Between choosing a port and binding it, anybody may have taken it.
      if (attempt === 3 || !/already in use|BindException/i.test(String(error))) throw error
    }
  }
}

async function startOnFreePorts(classPath: string, isSecured: boolean): Promise<KafkaBroker> {
  const folder = await ownedFolder(join(tmpdir(), 'picket-kafka-'))
  const properties = join(folder, 'server.properties')
  const port = await freePort()
  const brokers = [`127.0.0.1:${port}`]
  const ports = isSecured
    ? { saslPlaintext: await freePort(), saslSsl: await freePort(), mutualTls: await freePort() }
    : undefined
  const files = ports && (await makeCertificates(folder))
  const secured = files ? securityProperties(files, await brokerPem(folder)) : ''
  const settings = serverProperties(port, await freePort(), join(folder, 'data'), ports)
  await writeFile(properties, settings + secured)
  // What StorageTool's random-uuid prints, without the second that a Java process takes to say it.
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, '_')
  // -Dlog4j2.level: without a configuration log4j says only errors, and of a failed start not even these.
  const java = ['-XX:+UseSerialGC', '-Dlog4j2.level=WARN', '-cp', classPath]
  const format = [
    ...java,
    'kafka.tools.StorageTool',
    'format',
    '-t',
    clusterId,
    '-c',
    properties,
    ...(ports ? scramUsers() : []),
  ]
  try {
    await runCommand({ command: 'java', args: format })
    // After kill -9 it reads all its logs again, which takes long on a busy machine.
    const start = (readyMsMax = 120_000) =>
      startProcess({
        readyMsMax,
        command: 'java',
        args: ['-Xmx512m', ...java, 'kafka.Kafka', properties],
        isReady: () => answers(brokers, 1000),
      })
    let process = await start()
    return {
      brokers,
      ...(ports && files && { security: security(ports, files) }),
      get process() {
        return process
      },
      async again() {
        await process.ended
        process = await start(240_000)
      },
      async stop() {
        await process.stop()
        await rm(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** Kafka wants key and certificate in one file. */
async function brokerPem(folder: string): Promise<string> {
  const path = join(folder, 'broker-both.pem')
  const parts = ['broker.key', 'broker.pem'].map((name) => readFile(join(folder, name), 'utf8'))
  await writeFile(path, (await Promise.all(parts)).join(''))
  return path
}

/** True when a broker has joined its cluster; before that it accepts connections and knows no brokers. */
async function answers(brokers: string[], timeoutMs: number): Promise<boolean> {
  const timeouts = { connectionTimeout: timeoutMs, requestTimeout: timeoutMs }
  const client = new Kafka({ brokers, ...timeouts, logLevel: logLevel.NOTHING, retry: { retries: 0 } })
  const admin = client.admin()
  try {
    await admin.connect()
    return (await admin.describeCluster()).brokers.length > 0
  } catch {
    return false
  } finally {
    await admin.disconnect()
  }
}
