import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DeadLetter } from '../../../core/event/refusal.ts'
import { controlMessages } from '../../../storage/kafka/control-messages.ts'
import { ensureTopics } from '../../../storage/kafka/ensure-topics.ts'
import { decisionMessages, responseMessages } from '../../../storage/kafka/response-records.ts'
import { topicLayout } from '../../../storage/kafka/topic-layout.ts'
import { Transactor } from '../../../storage/kafka/transactor.ts'
import { decisionOf, findingOf, journalOf, runOf } from '../../../test/contracts/state-store-contract.ts'
import { describeKafka } from '../../../test/peers/describe-kafka.ts'
import { freePort } from '../../../test/peers/free-port.ts'
import { findingLine } from '../../render/finding-line.ts'
import { runPicket } from '../../testing/run-picket.ts'
import { findingMessages } from '../detect/finding-messages.ts'
import { deadLetterMessages } from '../ingest/dead-letter-messages.ts'

const walk = findingOf('f-1', Date.parse('2026-03-02T09:00:02Z'))
const worse = { ...walk, last: walk.last + 1000, score: 0.99 }
const early = findingOf('f-0', walk.last - 60_000, { detector: 'jti-reuse' })
const linesOf = (out: string) =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
const letter = (offset: number): DeadLetter => ({
  position: { source: 'gateway', partition: 'gateway:0', offset },
  reason: 'not_parsable',
  detail: 'no JSON',
  raw: `line ${offset}`,
})

describeKafka('commands that look at a cluster', (brokers) => {
  const prefix = `read-${process.pid}-${Date.now()}`
  const folder = mkdtempSync(join(tmpdir(), 'picket-read-'))
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const topics = topicLayout({ prefix, partitions: 1 })

  function configure(name: string, more: { prefix?: string; brokers?: readonly string[] } = {}): string {
    const path = join(folder, `${name}.yaml`)
    const hosts = (more.brokers ?? brokers).map((broker) => `'${broker}'`).join(', ')
    writeFileSync(
      path,
      `cluster: { prefix: '${more.prefix ?? prefix}' }
sources: [{ type: kafka, brokers: [${hosts}], topics: [{ name: gateway }], group: g }]
`,
    )
    return path
  }

  beforeAll(async () => {
    const admin = kafka.admin()
    await admin.connect()
    await ensureTopics(admin, Object.values(topics))
    await admin.disconnect()
    const transactor = await Transactor.open(kafka, `${prefix}.writer`, 10_000)
    const run = runOf('r-1', worse, { state: 'done' })
    const decision = decisionOf('d-1', { finding: 'f-1', run: 'r-1', until: Date.now() + 3_600_000 })
    const gone = decisionOf('d-2', { until: Date.now() + 3_600_000 })
    const changes = { findings: [worse], runs: [run], journal: [journalOf('intent', 'k-1', { term: 1 })] }
    for (const findings of [[walk], [early], [worse]])
      await transactor.commit({
        messages: [{ topic: topics.findings.name, messages: findingMessages(findings, new Map()) }],
      })
    await transactor.commit({
      messages: [
        { topic: topics.response.name, messages: responseMessages(changes, 1, () => 0) },
        { topic: topics.decisions.name, messages: decisionMessages({ decisions: [decision, gone] }) },
        deadLetterMessages(topics.deadLetters.name, [letter(7), letter(9)]),
        controlMessages(topics.control.name, 'ingest gateway gateway:0', [
          { kind: 'source-active', at: 0, partition: 'gateway\u0000gateway:0', from: 5 },
          { kind: 'refused-range', at: walk.last, partition: 'gateway\u0000gateway:0', from: 7, to: 10 },
        ]),
        controlMessages(topics.control.name, 'respond', [
          { kind: 'response', at: walk.last, digest: 'r1:0123456789abcdef' },
        ]),
      ],
    })
    await transactor.commit({
      messages: [{ topic: topics.decisions.name, messages: decisionMessages({ decisionsRemoved: ['d-2'] }) }],
    })
    await transactor.close()
    // Written, and never committed.
    const producer = kafka.producer({
      transactionalId: `${prefix}.other`,
      idempotent: true,
      maxInFlightRequests: 1,
    })
    await producer.connect()
    const aborted = await producer.transaction()
    const messages = findingMessages([findingOf('f-9', walk.last)], new Map())
    await aborted.send({ topic: topics.findings.name, messages })
    await aborted.abort()
    // Somebody else's, and no finding.
    await producer.disconnect()
    const stranger = kafka.producer()
    await stranger.connect()
    await stranger.send({
      topic: topics.findings.name,
      messages: [{ key: 'x', value: 'torn', partition: 0 }],
    })
    await stranger.disconnect()
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  it('lists what was committed, the newest of each, in the lines of a data folder', async () => {
    const config = configure('picket')
    const listed = await runPicket('findings', 'list', '--json', '--config', config)
    expect(listed).toMatchObject({
      code: 0,
      out: [early, worse].map((one) => `${findingLine(one)}\n`).join(''),
    })
    expect(listed.err).toContain(`${topics.findings.name}:0:`)
    const since = ['--since', new Date(walk.last).toISOString()]
    const table = await runPicket('findings', 'list', '--config', config, ...since)
    expect(table.out).toContain('f-1')
    expect(table.out).not.toContain('f-0')
  })

  it('shows a finding with its run, journal and decision', async () => {
    const { out } = await runPicket('findings', 'show', 'f-1', '--json', '--config', configure('picket'))
    expect(JSON.parse(out)).toMatchObject({
      id: 'f-1',
      score: 0.99,
      runs: [{ id: 'r-1', journal: [{ kind: 'intent' }] }],
      decisions: [{ id: 'd-1' }],
    })
  })

  it('says which cluster has no such finding', async () => {
    const ran = await runPicket('findings', 'show', 'f-7', '--config', configure('picket'))
    expect(ran).toMatchObject({ code: 4, err: expect.stringContaining(`in the cluster '${prefix}'`) })
  })

  it('lists decisions that were not taken back, and dead letters', async () => {
    const config = configure('picket')
    const decisions = await runPicket('decisions', 'list', '--json', '--config', config)
    expect(
      decisions.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual(['d-1'])
    const letters = await runPicket('dead-letters', 'list', '--json', '--config', config)
    expect(
      letters.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      expect.objectContaining({ source: 'gateway', partition: 'gateway:0', offset: 7, raw: 'line 7' }),
      expect.objectContaining({ offset: 9, reason: 'not_parsable', detail: 'no JSON' }),
    ])
  })

  it('lists the control log, with who wrote what', async () => {
    const config = configure('picket')
    const all = await runPicket('control', 'list', '--json', '--config', config)
    expect(linesOf(all.out)).toEqual([
      { kind: 'source-active', partition: 'gateway:gateway:0', from: 5, by: 'ingest gateway gateway:0' },
      expect.objectContaining({ kind: 'refused-range', at: '2026-03-02T09:00:02.000Z', from: 7, to: 10 }),
      expect.objectContaining({ kind: 'response', by: 'respond' }),
    ])
    const reloads = await runPicket('control', 'list', '--kind', 'response', '--config', config)
    expect(reloads.out).toContain('r1:0123456789abcdef')
    expect(reloads.out).not.toContain('refused-range')
  })

  it('says so where the topics are not there, or the broker is away', async () => {
    const absent = configure('absent', { prefix: `${prefix}-absent` })
    expect(await runPicket('findings', 'list', '--config', absent)).toMatchObject({
      code: 4,
      out: '',
      err: expect.stringContaining(`'${prefix}-absent.findings'`),
    })
    const away = configure('away', { brokers: [`127.0.0.1:${await freePort()}`] })
    expect(await runPicket('dead-letters', 'list', '--config', away)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining("can't be read from Kafka at 127.0.0.1:"),
    })
  }, 30_000)

  it('replays nothing where nothing was judged, and says so', async () => {
    const ran = await runPicket('replay', '--manifest', 'live', '--config', configure('picket'))
    expect(ran).toMatchObject({ code: 4, err: expect.stringContaining('nothing was judged yet') })
  })

  it('changes no decision that no responder would hear of', async () => {
    const config = configure('picket')
    const removed = await runPicket('decisions', 'remove', 'd-1', '--config', config)
    expect(removed).toMatchObject({ code: 4, err: expect.stringContaining('`respond` that acts') })
  })
})
