import { Buffer } from 'node:buffer'
import { type Positions, partitionKey } from '../../core/event/position.ts'
import type { Source, SourceBatch } from '../../core/ports/source.ts'
import type { Life } from './life.ts'
import { isWithin } from './plan.ts'
import type { ArrivingRecord, SimulatedPartition } from './workload.ts'
import type { World } from './world.ts'

interface Cursor {
  readonly partition: SimulatedPartition
  next: number
  state: 'closed' | 'open' | 'idle' | 'ended'
  quietSince: number
}

/** A source whose partitions come in one stream, as those of a topic do. */
export class SimulatedSource implements Source {
  readonly id: string
  protected readonly world: World
  protected readonly life: Life
  readonly #partitions: readonly SimulatedPartition[]

  constructor(id: string, world: World, life: Life, names: readonly string[]) {
    this.id = id
    this.world = world
    this.life = life
    this.#partitions = world.partitions.filter(({ name }) => names.includes(name))
  }

  read(from: Positions, signal: AbortSignal): AsyncGenerator<SourceBatch> {
    return this.#batches(this.#partitions, from, signal)
  }

  protected each(from: Positions, signal: AbortSignal): AsyncGenerator<SourceBatch>[] {
    return this.#partitions.map((one) => this.#batches([one], from, signal))
  }

  async *#batches(partitions: readonly SimulatedPartition[], from: Positions, signal: AbortSignal) {
    const cursors = partitions.map((partition): Cursor => {
      const position = from.get(partitionKey(this.id, partition.name)) ?? 0
      const at = partition.records.findIndex(({ offset }) => offset >= position)
      const next = at < 0 ? partition.records.length : at
      return { partition, next, state: 'closed', quietSince: this.world.scheduler.now }
    })
    let given: Buffer | undefined
    while (!signal.aborted) {
      const thereMs = this.world.chance(0.02) ? this.world.random.int(1, 900) : 0
      const batch = await this.life.call(`read ${this.id}`, async () => this.#next(cursors), { thereMs })
      if (signal.aborted || batch === undefined) return
      // The bytes of a batch die when the next one is asked for.
      given?.fill('x')
      given = undefined
      if (typeof batch === 'number') await this.life.sleep(batch - this.world.scheduler.now, signal)
      else {
        if (batch.kind === 'records') given = batch.records[0]?.bytes as Buffer
        yield batch
      }
    }
  }

  /** What comes next; a virtual time to wait until; `undefined` at the end. */
  #next(cursors: readonly Cursor[]): SourceBatch | number | undefined {
    const { scheduler, random, plan } = this.world
    const { now } = scheduler
    const taken = (cursor: Cursor) => this.#isOut(cursor, 'taken')
    for (const cursor of random.shuffle(cursors)) {
      const { name } = cursor.partition
      if (cursor.state === 'closed' && !taken(cursor)) return news(cursor, 'open', 'opened', now)
      if (cursor.state !== 'closed' && cursor.state !== 'ended' && taken(cursor)) {
        cursor.state = 'closed'
        return { kind: 'ended', partition: name }
      }
    }
    const ready = cursors.filter((cursor) => this.#isReady(cursor, now))
    if (ready.length > 0) return this.#records(random.pick(ready), now)
    for (const cursor of cursors) {
      if (cursor.state === 'open' && this.#isIdle(cursor, now)) return news(cursor, 'idle', 'idle', now)
    }
    const isOver = (cursor: Cursor) => cursor.next >= cursor.partition.records.length && now >= plan.lengthMs
    if (cursors.every(isOver) && !cursors.some(taken)) {
      const open = cursors.find(({ state }) => state !== 'ended')
      return open && news(open, 'ended', 'ended', now)
    }
    return Math.min(
      ...cursors.flatMap((cursor) => this.#dates(cursor)).filter((date) => date > now),
      now + 30_000,
    )
  }

  #records(cursor: Cursor, now: number): SourceBatch {
    const { random, plan } = this.world
    const { records, name } = cursor.partition
    const end = cursor.next + random.int(1, plan.batchMax)
    const batch = records.slice(cursor.next, end).filter(({ at }) => at <= now)
    cursor.next += batch.length
    cursor.state = 'open'
    cursor.quietSince = now
    const last = batch.at(-1) as ArrivingRecord
    const next = last.offset + 1
    const bytes = Buffer.from(batch.map(({ line }) => line).join('\n'))
    let start = 0
    const raw = batch.map(({ line, offset }) => {
      const end = start + Buffer.byteLength(line)
      const record = { bytes, start, end, offset }
      start = end + 1
      return record
    })
    const marks = [{ key: `given:${partitionKey(this.id, name)}`, value: String(next) }]
    const told = this.id === 'queue' ? { decoded: () => marks } : {}
    return { kind: 'records', partition: name, records: raw, next, ...told }
  }

  #isReady({ state, partition, next }: Cursor, now: number): boolean {
    if (state !== 'open' && state !== 'idle') return false
    const record = partition.records[next]
    return record !== undefined && record.at <= now && !this.#isOut({ partition }, 'stalled')
  }

  #isIdle(cursor: Cursor, now: number): boolean {
    const record = cursor.partition.records[cursor.next]
    return now - cursor.quietSince >= this.world.plan.idleMs && (record === undefined || record.at > now)
  }

  #isOut({ partition }: Pick<Cursor, 'partition'>, kind: 'taken' | 'stalled'): boolean {
    const spells = this.world.plan.outages.filter(
      (outage) => outage.partition === partition.number && outage.kind === kind,
    )
    return !this.world.isHealed && isWithin(spells, this.world.scheduler.now)
  }

  /** When something may change. */
  #dates({ partition, next, quietSince }: Cursor): number[] {
    const { outages, lengthMs, idleMs } = this.world.plan
    const own = outages.filter((outage) => outage.partition === partition.number)
    const arrival = partition.records[next]?.at ?? 0
    return [arrival, quietSince + idleMs, lengthMs, ...own.flatMap(({ from, to }) => [from, to])]
  }
}

/** A source whose partitions are read one by one and merged by time, as files are. */
export class SimulatedFiles extends SimulatedSource {
  partitions(from: Positions, signal: AbortSignal): AsyncGenerator<SourceBatch>[] {
    return this.each(from, signal)
  }
}

function news(cursor: Cursor, state: Cursor['state'], kind: 'opened' | 'idle' | 'ended', now: number) {
  cursor.state = state
  cursor.quietSince = now
  return { kind, partition: cursor.partition.name } as const
}
