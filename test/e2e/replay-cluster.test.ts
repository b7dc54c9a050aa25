import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel, type Producer } from 'kafkajs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { publishBaseline } from '../../cli/cluster/baseline/cluster-baseline.ts'
import { type ClusterRecording, clusterRecording } from '../../cli/cluster/replay/cluster-recording.ts'
import { judgeAgain } from '../../cli/cluster/replay/replay-cluster.ts'
import { findingLine } from '../../cli/render/finding-line.ts'
import { configContext } from '../../cli/runtime/shipped.ts'
import { runPicket } from '../../cli/testing/run-picket.ts'
import { loadConfig } from '../../config/load-config.ts'
import type { PicketConfig } from '../../config/picket-config.ts'
import { buildBaseline } from '../../core/baseline/build-baseline.ts'
import type { ControlEntry } from '../../core/manifest/control-log.ts'
import { Member } from '../chaos/member.ts'
import { newTopics } from '../cluster/new-topics.ts'
import { describeKafka } from '../peers/describe-kafka.ts'
import { walkedTraffic } from './walked-traffic.ts'

const baseline = buildBaseline({ space: 'default', lane: 'live', from: 0, to: 3_600_000 }, [])

/** Yesterday, so that what is found is too old to act on. */
const start = Date.now() - 26 * 3_600_000

describeKafka('picket replay --manifest of a cluster', (brokers) => {
  const prefix = `again-${process.pid}-${Date.now()}`
  const folder = mkdtempSync(join(tmpdir(), 'picket-again-'))
  const path = join(folder, 'picket.yaml')
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const running: Member[] = []
  let producer: Producer
  let recording: ClusterRecording

  function configure(idsMin: number): void {
    const hosts = brokers.map((broker) => `'${broker}'`).join(', ')
    writeFileSync(
      path,
      `
cluster: { prefix: '${prefix}', partitions: 3, session_timeout: 2s }
sources: [{ type: kafka, brokers: [${hosts}], name: gateway, topics: [{ name: ${prefix} }], group: ${prefix}, lateness: 5s, idle: 1s }]
clickhouse: { embedded: false }
detectors: { sequential-enumeration: { ids_min: ${idsMin} } }
`,
    )
  }

  function load(): PicketConfig {
    const loaded = loadConfig(path, configContext())
    if (!loaded.ok) throw new Error('the configuration is wrong')
    return loaded.config
  }

  const traffic = (from: number, minutes: number, walks: number) =>
    walkedTraffic(start, from, minutes, walks).trim().split('\n')

  async function send(partition: number, lines: readonly string[]): Promise<void> {
    const messages = lines.map((value) => ({ value, partition }))
    await producer.send({ topic: prefix, messages })
  }

  const picket = (...args: string[]) => runPicket(...args, '--config', path)
  const listed = async () => (await picket('findings', 'list', '--json')).out
  /** Waits until so many walks are found of those who began with the traffic of this minute. */
  const walksFound = async (fromMinute: number, least: number) => {
    const found = async () => (await listed()).split(`-${fromMinute}"},"severity"`).length - 1
    await vi.waitFor(async () => expect(await found(), logs()).toBeGreaterThanOrEqual(least), {
      timeout: 40_000,
      interval: 300,
    })
  }
  const logs = () => running.map(({ name, log }) => `== ${name}\n${log.slice(-3000)}`).join('\n')
  const entries = (kind: ControlEntry['kind'], by: string) =>
    recording.control.filter((record) => record.entry.kind === kind && record.by.startsWith(by))

  /** What a cluster leaves behind of idle inputs, late ones, kill -9 of each role, and other settings. */
  beforeAll(async () => {
    const admin = kafka.admin()
    await admin.connect()
    await newTopics(brokers, [prefix], 2)
    await admin.disconnect()
    producer = kafka.producer()
    await producer.connect()
    configure(30)
    for (const role of ['ingest', 'detect'])
      running.push(
        new Member(role, ['run', '--config', path, '--roles', role, '--data-dir', join(folder, role)], {}),
      )
    const [ingest, detect] = running
    await send(0, traffic(0, 6, 4))
    await walksFound(0, 4)
    // Event time has gone on by the clock; what comes now is late, some of it only for detectors with short panes.
    await send(1, traffic(0, 3, 2))
    await send(0, traffic(6, 6, 4))
    await send(1, [
      JSON.stringify({ time: Date.now() + 3_600_000, path: '/', status: 200 }),
      ...traffic(8, 5, 3),
    ])
    ingest?.kill()
    await walksFound(6, 4)
    await publishBaseline(load(), baseline)
    const isFollowed = () =>
      expect(detect?.log, logs()).toMatch(new RegExp(`${baseline.digest}.*\n(.*\n)*.*judging`))
    await vi.waitFor(isFollowed, { timeout: 20_000, interval: 50 })
    await send(0, traffic(14, 6, 4))
    await walksFound(14, 4)
    // With their next lives they read and judge by something else.
    configure(50)
    await send(0, traffic(22, 6, 4))
    await send(1, traffic(22, 6, 2))
    detect?.kill()
    ingest?.kill()
    await walksFound(22, 4)
    await Promise.all(running.splice(0).map((member) => member.stop()))
    recording = await clusterRecording(load(), [])
  }, 120_000)

  afterAll(async () => {
    await Promise.all(running.map((member) => member.stop()))
    await producer.disconnect()
    rmSync(folder, { recursive: true, force: true })
  })

  it('live gives its final findings again, byte for byte', async () => {
    const expected = await listed()
    for (const kind of ['cut', 'late', 'manifest'] as const) expect(entries(kind, 'detect')).not.toEqual([])
    for (const kind of ['source-active', 'source-idle', 'refused-range'] as const)
      expect(entries(kind, 'ingest')).not.toEqual([])
    expect(
      new Set(entries('manifest', 'ingest').map(({ entry }) => 'digest' in entry && entry.digest)).size,
    ).toBe(2)
    const manifests = new Set(
      entries('manifest', 'detect').map(({ entry }) => 'digest' in entry && entry.digest),
    )
    expect(manifests.size).toBe(3)
    for (const digest of manifests) expect(expected).toContain(digest)
    const { code, out, err } = await picket('replay', '--manifest', 'live', '--json')
    expect(err).toMatch(/events, 1 refused \(1 time_ahead\), [1-9]\d* late/)
    expect(err).not.toContain('notice')
    expect({ code, out }).toEqual({ code: 0, out: expected })
  }, 60_000)

  it('would find something else without what is recorded of late observations, refusals or manifests', async () => {
    const expected = await listed()
    const without = async (kind: ControlEntry['kind'], by: string) => {
      const control = recording.control.filter(
        ({ entry, by: writer }) => entry.kind !== kind || !writer.startsWith(by),
      )
      const cluster = { prefix, partitions: 3, session_timeout: '2s' } as const
      const { signal } = new AbortController()
      const again = await judgeAgain({ ...recording, control }, { cluster, signal })
      return { ...again, out: again.findings.map((finding) => `${findingLine(finding)}\n`).join('') }
    }
    expect(await without('decision', 'respond')).toMatchObject({ out: expected, lateNow: 0 })
    const late = await without('late', 'detect')
    expect(late.out === expected && late.lateNow === 0).toBe(false)
    expect((await without('refused-range', 'ingest')).tally.refusedTotal).toBe(0)
    await expect(without('cut', 'ingest')).rejects.toThrow(/does not hold the beginning of `ingest gateway/)
    await expect(without('cut', 'detect')).rejects.toThrow(/does not hold the beginning of `detect \d`/)
  }, 60_000)

  it('a digest judges the same events by that manifest', async () => {
    const [first] = entries('manifest', 'detect')
    const digest = first?.entry.kind === 'manifest' ? first.entry.digest : ''
    const { code, out } = await picket('replay', '--manifest', digest, '--json')
    const named = out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { manifest: string }).manifest)
    expect({ code, named: new Set(named) }).toEqual({ code: 0, named: new Set([digest]) })
    const unknown = await picket('replay', '--manifest', 'm1:0000000000000000')
    expect(unknown).toMatchObject({
      code: 4,
      err: expect.stringContaining(`is stored in ${prefix}.manifests`),
    })
  }, 60_000)

  it('says what retention has deleted', async () => {
    const admin = kafka.admin()
    await admin.connect()
    const forget = async (topic: string, offset: number) => {
      // kafkajs knows no topic that it was not asked for before.
      await admin.fetchTopicOffsets(topic)
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] })
    }
    await forget(prefix, 100)
    const unread = await picket('replay', '--manifest', 'live')
    expect(unread).toMatchObject({ code: 4, out: '', err: expect.stringContaining(`${prefix}:0`) })
    await forget(`${prefix}.control`, 5)
    const unknown = await picket('replay', '--manifest', 'live')
    expect(unknown).toMatchObject({
      code: 4,
      out: '',
      err: expect.stringContaining('does not hold the beginning'),
    })
    await admin.disconnect()
    expect(unread.err + unknown.err).not.toContain('    at ')
  }, 60_000)
})
