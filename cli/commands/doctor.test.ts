import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, afterEach, expect, it } from 'vitest'
import { migrations } from '../../storage/sqlite/schema.ts'
import { openStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { describeKafka, describeSecureKafka } from '../../test/peers/describe-kafka.ts'
import { freePort } from '../../test/peers/free-port.ts'
import { runPicket } from '../testing/run-picket.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-doctor-'))
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function listening(server: Server): Promise<number> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

interface Line {
  readonly level: string
  readonly about: string
  readonly message: string
  readonly what_to_do?: string
}

async function doctor(name: string, text: string) {
  const config = join(folder, `${name}.yaml`)
  const own = /^clickhouse:/m.test(text) ? text : `${text}\nclickhouse: { embedded: false }\n`
  writeFileSync(config, `data_dir: ./${name}\n${own}`)
  const { code, out } = await runPicket('doctor', '--json', '--config', config)
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
  return { code, lines, about: (about: string) => lines.filter((line) => line.about === about) }
}

it('finds nothing wrong, changes nothing, and says what to do with each line that is not ok', async () => {
  const port = await freePort()
  const { code, lines, about } = await doctor('well', `status: { listen: { port: ${port} } }`)
  expect(code).toBe(0)
  expect(lines.filter(({ level }) => level === 'fail')).toEqual([])
  for (const { level, what_to_do } of lines) expect(what_to_do !== undefined).toBe(level !== 'ok')
  expect(about('status listener')).toMatchObject([{ level: 'ok', message: `127.0.0.1:${port} is free` }])
  expect(about('state')).toMatchObject([{ level: 'ok', message: expect.stringContaining('none yet') }])
  expect(existsSync(join(folder, 'well'))).toBe(false)
})

it('shows a person one line each and the advice below', async () => {
  const config = join(folder, 'person.yaml')
  writeFileSync(config, 'privacy: { key: env:PICKET_TEST_NO_SUCH_KEY }\nclickhouse: { embedded: false }\n')
  const { code, out, err } = await runPicket('doctor', '--config', config)
  expect(code).toBe(1)
  expect(out).toMatch(
    /^fail {2}secrets: privacy\.key: env:PICKET_TEST_NO_SUCH_KEY: .*not set.*\n {6}set PICKET_TEST_NO_SUCH_KEY in/m,
  )
  expect(err).toMatch(/1 of \d+ lines is fail/)
})

it('a broken configuration fails, and the rest of it is not guessed', async () => {
  const { code, lines } = await doctor('broken', 'sources: 5')
  expect(code).toBe(1)
  expect(lines.map(({ level, about }) => [level, about])).toEqual([
    ['fail', 'configuration'],
    ['ok', 'node'],
  ])
  expect(lines[0]?.what_to_do).toBe(`picket check --config ${join(folder, 'broken.yaml')} lists all of them`)
})

it('finds the library and the file of a source that picket run would refuse to start without', async () => {
  const { code, about } = await doctor(
    'lacking',
    `sources:
  - { type: kafka, name: a, brokers: ['127.0.0.1:1'], topics: [{ name: t }], client: rdkafka }
  - { type: file, name: b, paths: [./no-such.log] }`,
  )
  expect(code).toBe(1)
  expect(about('sources')).toMatchObject([
    { level: 'fail', message: expect.stringContaining('there is no such file') },
    {
      level: 'fail',
      message: expect.stringContaining('needs the package node-rdkafka'),
      what_to_do: expect.stringContaining('npm install node-rdkafka'),
    },
  ])
})

it('tells brokers that are away, a port that is taken and a kill switch that is on', async () => {
  const closed = await freePort()
  const taken = await listening(createServer())
  const kill = join(folder, 'kill')
  writeFileSync(kill, '')
  const { code, about } = await doctor(
    'away',
    `
sources: [{ type: kafka, name: gateway, brokers: ['127.0.0.1:${closed}'], topics: [{ name: access }] }]
enforcement: { envoy: { listen: { port: ${taken} } } }
response: { kill_switch_file: ${kill} }
`,
  )
  expect(code).toBe(1)
  expect(about('kafka gateway')).toMatchObject([
    { level: 'fail', message: `127.0.0.1:${closed} can't be reached (ECONNREFUSED)` },
  ])
  expect(about('envoy listener')).toMatchObject([
    { level: 'fail', message: `127.0.0.1:${taken} is taken, and no picket run has the data folder` },
  ])
  expect(about('fail mode')).toMatchObject([
    { level: 'ok', message: expect.stringContaining('failure_mode_allow') },
    { level: 'warn', message: expect.stringContaining('kill switch is on') },
  ])
})

it('tells who has the data folder open', async () => {
  const store = await openStateStore(join(folder, 'held'))
  try {
    const { about } = await doctor('held', '')
    expect(about('state')).toMatchObject([
      { level: 'ok', message: expect.stringContaining(`schema ${migrations.length}`) },
      { level: 'warn', message: expect.stringContaining('a process has it open') },
    ])
  } finally {
    await store.close()
  }
  expect((await doctor('held', '')).about('state')).toMatchObject([
    { level: 'ok' },
    { level: 'ok', message: 'no process has it open' },
  ])
})

it('finds a state whose pages were written over, and says what to do', async () => {
  const store = await openStateStore(join(folder, 'damaged'))
  const snapshots = Array.from({ length: 40 }, (_, nth) => ({ digest: `d${nth}`, text: 'x'.repeat(10_000) }))
  await store.commit({ snapshots })
  await store.close()
  expect((await doctor('damaged', '')).about('state')[0]).toMatchObject({
    level: 'ok',
    message: expect.stringContaining('its pages hold together'),
  })
  const file = openSync(join(folder, 'damaged', 'state.db'), 'r+')
  writeSync(file, randomBytes(100_000), 0, 100_000, 200_000)
  closeSync(file)
  const { code, about } = await doctor('damaged', '')
  expect(code).toBe(1)
  expect(about('state')).toMatchObject([
    {
      level: 'fail',
      message: expect.stringMatching(/state\.db is damaged$/),
      what_to_do: expect.stringMatching(/^restore the file .* from a backup, or move it away .*\)$/),
    },
  ])
})

it.each([
  ['25.8.2.1', 'ok'],
  ['23.8.1.1', 'fail'],
])('ClickHouse %s is %s, and its clock is compared', async (version, level) => {
  const port = await listening(
    createHttpServer((request, response) => {
      request.resume()
      response.end(`${JSON.stringify({ version, now: String(Date.now() - 60_000) })}\n`)
    }),
  )
  const { about } = await doctor(`ch-${level}`, `clickhouse: { url: 'http://127.0.0.1:${port}' }`)
  expect(about('clickhouse')).toMatchObject([{ level, message: expect.stringContaining(version) }])
  expect(about('clock')).toMatchObject([
    { level: 'warn', message: expect.stringMatching(/6\d\.\d s behind/) },
  ])
})

it('a ClickHouse server that is away fails, and it says what picket run does meanwhile', async () => {
  const port = await freePort()
  const { code, about } = await doctor('ch-away', `clickhouse: { url: 'http://127.0.0.1:${port}' }`)
  expect(code).toBe(1)
  expect(about('clickhouse')).toMatchObject([
    { level: 'fail', message: expect.stringContaining('picket run judges') },
  ])
})

describeKafka('picket doctor and Kafka', (brokers) => {
  it('finds the brokers and counts what the topics keep; a topic that is not there fails', async () => {
    const topic = `doctor-${randomUUID()}`
    const client = new Kafka({ brokers, logLevel: logLevel.NOTHING })
    const admin = client.admin()
    await admin.connect()
    try {
      await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] })
      const closed = `127.0.0.1:${await freePort()}`
      const source = (names: string) =>
        `sources: [{ type: kafka, name: gateway, brokers: [${[...brokers, closed].map((one) => `'${one}'`)}], topics: [${names}] }]`
      const there = await doctor('kafka', source(`{ name: ${topic} }`))
      expect(there.about('kafka gateway')).toMatchObject([
        ...brokers.map((broker) => ({ level: 'ok', message: `${broker} accepts connections` })),
        { level: 'warn', message: `${closed} can't be reached (ECONNREFUSED); others can` },
        { level: 'ok', message: `${topic}: 3 partitions, 0 records kept` },
      ])
      const missing = await doctor('kafka', source(`{ name: ${topic} }, { name: no-such-topic }`))
      expect(missing.code).toBe(1)
      expect(missing.about('kafka gateway').at(-1)).toMatchObject({
        level: 'fail',
        message: expect.stringContaining("has no topic 'no-such-topic'"),
      })
    } finally {
      await admin.deleteTopics({ topics: [topic] }).catch(() => {})
      await admin.disconnect()
    }
  })

  it("looks at a cluster's topics, makes none, and can't tell whose a taken port is", async () => {
    const prefix = `doctor-${randomUUID()}`
    const taken = await listening(createServer())
    const config = `
cluster: { prefix: ${prefix}, partitions: 2 }
sources: [{ type: kafka, brokers: [${brokers.map((one) => `'${one}'`)}], topics: [{ name: no-such }] }]
status: { listen: { port: ${taken} } }
`
    const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    try {
      const none = await doctor('cluster', config)
      expect(none.about('state')).toEqual([])
      expect(none.about('cluster')).toMatchObject([
        { level: 'ok', message: `topics ${prefix}.*: none yet; the first picket run makes them` },
      ])
      expect(none.about('status listener')).toMatchObject([
        { level: 'warn', message: `127.0.0.1:${taken} is taken` },
      ])
      await admin.createTopics({ topics: [{ topic: `${prefix}.observations`, numPartitions: 3 }] })
      expect((await doctor('cluster', config)).about('cluster')).toMatchObject([
        {
          level: 'fail',
          message: `${prefix}.observations has 3 partitions, Picket needs 2`,
          what_to_do: expect.stringContaining('set cluster.partitions: 3'),
        },
      ])
      expect(await admin.listTopics()).not.toContain(`${prefix}.state`)
    } finally {
      await admin.deleteTopics({ topics: [`${prefix}.observations`] }).catch(() => {})
      await admin.disconnect()
    }
  })
})

describeSecureKafka('picket doctor and Kafka with TLS and log-in', (security) => {
  const source = (more: string) =>
    `sources: [{ type: kafka, name: gateway, brokers: ['${security.saslSsl}'], topics: [{ pattern: '^no-such-' }], ${more} }]`
  const { ca, otherCa } = security.files

  it.each([
    ['right', ca, security.password, 'warn', /\^no-such-: 0 partitions/],
    ['a wrong password', ca, 'hunter2', 'fail', /refuses the log-in of 'picket' .*`sasl\.password`/],
    ['another authority', otherCa, security.password, 'fail', /certificate .*`tls\.ca`/],
    ['no authority', security.files.key, security.password, 'fail', /no certificate in tls\.ca/],
  ])('%s', async (_what, authority, password, level, message) => {
    const file = join(folder, 'password')
    writeFileSync(file, password)
    const sasl = `sasl: { mechanism: scram-sha-512, username: ${security.user}, password: 'file:${file}' }`
    const { about } = await doctor('secured', source(`tls: { ca: 'file:${authority}' }, ${sasl}`))
    expect(about('kafka gateway').at(-1)).toMatchObject({ level, message: expect.stringMatching(message) })
  })
})
