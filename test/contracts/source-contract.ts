import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Positions, partitionKey } from '../../core/event/position.ts'
import { recordBytes, type Source, type SourceBatch } from '../../core/ports/source.ts'

/** A place that holds given lines, and sources that read it. */
export interface SourcePlace {
  /** A new source over the same lines. A live one goes on waiting at their end. */
  open(options: { readonly isLive: boolean }): Source
  /** What is left to do after the tests. */
  remove?(): Promise<void>
}

export interface SourceContract {
  readonly name: string
  /** Puts lines into as many partitions. */
  provide(partitions: readonly (readonly string[])[]): Promise<SourcePlace>
  readonly partitions: number
  /** The line that a record was made from, where it is not the record itself. */
  readonly lineOf?: (record: string) => string
  /** It has an end and never waits for more. */
  readonly neverLive?: boolean
}

export interface ReadLine {
  readonly text: string
  readonly offset: number
}

/** Everything that was read, by partition; bytes are copied as they come, because they live only that long. */
export interface Reading {
  readonly batches: SourceBatch[]
  readonly lines: Map<string, ReadLine[]>
}

/** Reads until the source ends or `isEnough`. */
export async function readLines(
  source: Source,
  from: Positions = new Map(),
  isEnough: (reading: Reading) => boolean = () => false,
  signal: AbortSignal = new AbortController().signal,
): Promise<Reading> {
  const reading: Reading = { batches: [], lines: new Map() }
  for await (const batch of source.read(from, signal)) {
    reading.batches.push(batch)
    if (batch.kind === 'records' && batch.records.length > 0) {
      const lines = reading.lines.get(batch.partition) ?? []
      for (const record of batch.records)
        lines.push({ text: Buffer.from(recordBytes(record)).toString(), offset: record.offset })
      reading.lines.set(batch.partition, lines)
    }
    if (isEnough(reading)) break
  }
  return reading
}

const promptMs = 15_000

/** What a sender who wants to be misread would write; none holds a line end. */
const hostileLines = [
  '\u0000\u0001\u001b[31m',
  '\ufeff{',
  ']}"\\',
  '{"a":"\\u0000"}\u2028\u2029',
  'a\rb',
  '\ufffd\ud83d',
  '-'.repeat(65_000),
]

/** What every source must hold: order, exact resumption, nothing lost or doubled, and a prompt end. */
export function runSourceContract(contract: SourceContract): void {
  const { name, provide, partitions, neverLive, lineOf = (record) => record } = contract
  describe(`${name} as a source`, () => {
    const contents = Array.from({ length: partitions }, (_, partition) =>
      Array.from({ length: 400 }, (_, line) => `${partition}/${line} ${'é'.repeat((line * 37) % 90)}`),
    )
    let place: SourcePlace
    let whole: Reading

    beforeAll(async () => {
      place = await provide(contents)
      whole = await readLines(place.open({ isLive: false }))
    })
    afterAll(async () => place?.remove?.())

    test('gives every line once, in the order of its partition', () => {
      const texts = [...whole.lines.values()].map((lines) => lines.map((line) => lineOf(line.text)))
      expect(texts.sort()).toEqual(contents.toSorted())
    })

    test('offsets rise, and each batch resumes behind its last record', () => {
      const reached = new Map<string, number>()
      for (const batch of whole.batches) {
        if (batch.kind !== 'records') continue
        for (const { offset } of batch.records) {
          expect(offset).toBeGreaterThanOrEqual(reached.get(batch.partition) ?? 0)
          reached.set(batch.partition, offset + 1)
        }
        expect(batch.next).toBeGreaterThanOrEqual(reached.get(batch.partition) ?? 0)
        reached.set(batch.partition, batch.next)
      }
    })

    test('opens all partitions before the first record, and ends each once', () => {
      const kinds = (kind: SourceBatch['kind']) => whole.batches.filter((batch) => batch.kind === kind)
      const firstRecords = whole.batches.findIndex((batch) => batch.kind === 'records')
      const opened = kinds('opened').map((batch) => batch.partition)
      expect(opened).toHaveLength(partitions)
      expect(new Set(opened)).toEqual(new Set(whole.lines.keys()))
      expect(whole.batches.slice(0, firstRecords).filter((batch) => batch.kind === 'opened')).toHaveLength(
        partitions,
      )
      expect(
        kinds('ended')
          .map((batch) => batch.partition)
          .sort(),
      ).toEqual(opened.toSorted())
    })

    test.each([0, 1, 199, 399])(
      'resumes at record %d of each partition with exactly the rest',
      async (at) => {
        const source = place.open({ isLive: false })
        const from = new Map(
          [...whole.lines].map(([partition, lines]) => [
            partitionKey(source.id, partition),
            lines[at]?.offset ?? 0,
          ]),
        )
        const { lines } = await readLines(source, from)
        for (const [partition, all] of whole.lines) expect(lines.get(partition)).toEqual(all.slice(at))
      },
    )

    test('resumes behind everything with nothing', async () => {
      const source = place.open({ isLive: false })
      const from = new Map<string, number>()
      for (const batch of whole.batches)
        if (batch.kind === 'records') from.set(partitionKey(source.id, batch.partition), batch.next)
      const { lines, batches } = await readLines(source, from)
      expect([...lines.values()].flat()).toEqual([])
      expect(batches.filter((batch) => batch.kind === 'ended')).toHaveLength(partitions)
    })

    test('restarted after every batch, it gives every line once', async () => {
      const { id } = place.open({ isLive: false })
      const read = new Map<string, ReadLine[]>()
      let from: Positions = new Map()
      for (let isDone = false; !isDone; ) {
        const { lines, batches } = await readLines(
          place.open({ isLive: false }),
          from,
          (reading) => reading.lines.size > 0,
        )
        isDone = lines.size === 0
        for (const [partition, more] of lines) read.set(partition, [...(read.get(partition) ?? []), ...more])
        const last = batches.at(-1)
        if (last?.kind === 'records') from = new Map([...from, [partitionKey(id, last.partition), last.next]])
      }
      expect(read).toEqual(whole.lines)
    })

    test('cuts and flags a line over the limit, and gives whatever stands in the others as it is', async () => {
      const lines = [...hostileLines, 'x'.repeat(70_000), 'last']
      const others = Array.from({ length: partitions - 1 }, () => ['other'])
      const odd = await provide([lines, ...others])
      const { batches } = await readLines(odd.open({ isLive: false }))
      const records = batches.flatMap((batch) => (batch.kind === 'records' ? batch.records : []))
      await odd.remove?.()
      expect(batches.filter(({ kind }) => kind === 'ended')).toHaveLength(partitions)
      expect(records.filter(({ truncated }) => truncated)).toHaveLength(1)
      expect(records).toHaveLength(lines.length + others.length)
    })

    test('ends promptly when the reader leaves', async () => {
      const source = place.open({ isLive: true })
      const isEnough = ({ lines }: Reading) => lines.size > 0
      expect(await isPrompt(readLines(source, new Map(), isEnough))).toBe(true)
    })

    test('gives nothing when aborted before', async () => {
      const { lines } = await readLines(
        place.open({ isLive: true }),
        new Map(),
        () => false,
        AbortSignal.abort(),
      )
      expect(lines.size).toBe(0)
    })

    // A source that never waits has no such case; it is not a skipped one.
    if (neverLive) return

    test('ends promptly when aborted while it waits', async () => {
      const source = place.open({ isLive: true })
      const stop = new AbortController()
      const count = ({ lines }: Reading) => [...lines.values()].flat().length
      let isAllRead = () => {}
      const allRead = new Promise<void>((resolve) => {
        isAllRead = resolve
      })
      const check = (reading: Reading) => {
        if (count(reading) === partitions * 400) isAllRead()
        return false
      }
      const reading = readLines(source, new Map(), check, stop.signal)
      await allRead
      await sleep(50)
      stop.abort()
      expect(await isPrompt(reading)).toBe(true)
      expect((await reading).batches.some((batch) => batch.kind === 'ended')).toBe(false)
    })
  })
}

/** The first wait includes joining a consumer group, so only what comes after the last batch should be slow. */
async function isPrompt(reading: Promise<Reading>): Promise<boolean> {
  const late = new AbortController()
  const timeout = sleep(promptMs, false, { signal: late.signal }).catch(() => false)
  const isInTime = await Promise.race([reading.then(() => true), timeout])
  late.abort()
  return isInTime
}
