import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BatchLabel } from './batch-label.ts'
import { DiskQueue } from './disk-queue.ts'
import { segmentHeader } from './spill-record.ts'
import type { FoundBatch, Place } from './spill-segment.ts'

let folder: string
const queues: DiskQueue[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'picket-spill-'))
})
afterEach(async () => {
  for (const queue of queues.splice(0)) await queue.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Without closing what was open before, as after a kill. */
async function open(segmentBytes?: number) {
  const opened = await DiskQueue.open(folder, segmentBytes)
  queues.push(opened.queue)
  return opened
}

function label(number: number): BatchLabel {
  const ranges = [{ source: 'gateway', partition: 't:\u0000"é', first: number, last: number + 9, rows: 10 }]
  return { table: 'events', token: `t${number}`, space: 's', lane: 'live', rows: 10, parts: 1, ranges }
}

async function append(queue: DiskQueue, of: BatchLabel, batch: Uint8Array): Promise<Place> {
  const [place] = await queue.append([{ label: of, batch }])
  return place as Place
}

/** Hard to compress, so that sizes are what they seem. */
const batches = Array.from({ length: 12 }, (_, index) => randomBytes(20 + 37 * index))

async function filled(count: number, segmentBytes?: number): Promise<DiskQueue> {
  const { queue } = await open(segmentBytes)
  for (let index = 0; index < count; index++) {
    await append(queue, label(index), batches[index] ?? Buffer.alloc(0))
  }
  return queue
}

const tokens = (found: readonly FoundBatch[]) => found.map(({ label: { token } }) => token)
const files = () => readdirSync(folder).filter((name) => name.endsWith('.spill'))

/** What another process would find, with the batches. */
async function look() {
  const { queue, ...found } = await DiskQueue.open(folder)
  const read = await Promise.all(found.waiting.map(({ place }) => queue.read(place)))
  const { bytes } = queue
  await queue.close()
  return { ...found, bytes, read: read.map((one) => one && Buffer.from(one)) }
}

describe('the disk queue', () => {
  it('gives back what was written, in order, over files and restarts', async () => {
    await filled(12, 500)
    expect(files().length).toBeGreaterThan(3)
    const { waiting, read, torn, notices } = await look()
    expect(waiting.map((one) => one.label)).toEqual(Array.from({ length: 12 }, (_, index) => label(index)))
    expect(read).toEqual(batches)
    expect([torn, notices]).toEqual([[], []])
  })

  it('does not give back what was done, and removes files that are done', async () => {
    await filled(12, 500)
    const { queue, waiting } = await open()
    for (const index of [0, 1, 2, 3, 7]) await queue.done((waiting[index] as FoundBatch).place)
    const { waiting: left, read } = await look()
    expect(tokens(left)).toEqual(['t4', 't5', 't6', 't8', 't9', 't10', 't11'])
    expect(read).toEqual([...batches.slice(4, 7), ...batches.slice(8)])
    const second = await open()
    for (const { place } of second.waiting) await second.queue.done(place)
    expect(files()).toEqual([])
    expect(second.queue.bytes).toBe(0)
  })

  it('begins a new file after a restart, and after everything was done', async () => {
    await filled(2)
    const { queue, waiting } = await open()
    const place = await append(queue, label(2), batches[2] ?? Buffer.alloc(0))
    expect(files()).toEqual(['0000000001.spill', '0000000002.spill'])
    await queue.done(place)
    for (const one of waiting) await queue.done(one.place)
    await append(queue, label(3), Buffer.from('x'))
    expect(files()).toEqual(['0000000003.spill'])
    expect(tokens((await look()).waiting)).toEqual(['t3'])
  })

  it('writes several at once as it does one after the other', async () => {
    const { queue } = await open(500)
    const all = batches.map((batch, index) => ({ label: label(index), batch }))
    const places = [await queue.append(all.slice(0, 7)), await queue.append(all.slice(7))].flat()
    await queue.done(places[3] as Place)
    const { waiting, read } = await look()
    const left = [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11]
    expect(tokens(waiting)).toEqual(left.map((index) => `t${index}`))
    expect(read).toEqual(left.map((index) => batches[index]))
    for (const place of places) if (place !== places[3]) await queue.done(place)
    expect([files(), queue.bytes]).toEqual([[], 0])
  })

  it('counts what its files take, and packs what repeats itself', async () => {
    const { queue } = await open()
    await append(queue, label(0), Buffer.alloc(1_000_000, 'row'))
    const onDisk = files().reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
    expect(queue.bytes).toBe(onDisk)
    expect(onDisk).toBeLessThan(20_000)
    expect((await look()).bytes).toBe(onDisk)
  })

  it('is for the owner’s eyes only', async () => {
    rmSync(folder, { recursive: true })
    await filled(1)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, '0000000001.spill')).mode & 0o777).toBe(0o600)
  })

  it('has every whole batch when the last is cut off at any byte, and knows it where its label is whole', async () => {
    await filled(2)
    const path = join(folder, '0000000001.spill')
    const whole = readFileSync(path)
    const { waiting } = await look()
    const ends = waiting.map(({ place }) => place.batchStart + place.batchBytes)
    expect(ends.at(-1)).toBe(whole.length)
    for (let size = whole.length - 1; size >= 0; size--) {
      // Opening removes a file that nothing waits in.
      writeFileSync(path, whole.subarray(0, size))
      const found = await look()
      const left = ends.filter((end) => end <= size).length
      expect(tokens(found.waiting), `cut at ${size}`).toEqual(['t0', 't1'].slice(0, left))
      expect(found.read).toEqual(batches.slice(0, left))
      const isKnown = size >= (waiting[left]?.place.batchStart ?? 0)
      expect(found.torn).toEqual(isKnown ? [label(left)] : [])
    }
  })

  it('never gives back other bytes than were written, whichever byte changes', async () => {
    await filled(2)
    const path = join(folder, '0000000001.spill')
    const whole = readFileSync(path)
    const spoilt = mkdtempSync(join(tmpdir(), 'picket-spoilt-'))
    for (let index = 0; index < whole.length; index++) {
      const bytes = Buffer.from(whole)
      bytes[index] = (bytes[index] ?? 0) ^ 0x41
      writeFileSync(join(spoilt, '0000000001.spill'), bytes)
      const { queue, waiting } = await DiskQueue.open(spoilt)
      for (const { label: found, place } of waiting) {
        const number = Number(found.token.slice(1))
        expect(found).toEqual(label(number))
        const read = await queue.read(place).catch(() => undefined)
        if (read) expect(Buffer.from(read)).toEqual(batches[number])
      }
      await queue.close()
    }
    rmSync(spoilt, { recursive: true })
  })

  it('leaves a file of another version alone, counts it, and says what to do', async () => {
    const bytes = Buffer.concat([segmentHeader, Buffer.alloc(100)])
    bytes[segmentHeader.length - 1] = 9
    writeFileSync(join(folder, '0000000004.spill'), bytes)
    const { queue, waiting, notices } = await open()
    expect([waiting, queue.bytes]).toEqual([[], bytes.length])
    expect(notices).toEqual([
      expect.stringMatching(/0000000004\.spill.*version 9.*start the Picket that wrote it/),
    ])
    await append(queue, label(0), Buffer.from('x'))
    expect(files()).toEqual(['0000000004.spill', '0000000005.spill'])
  })

  it('goes on in another file after a write that failed', async () => {
    const queue = await filled(2, 200)
    // The next file's name is taken: it cannot be made.
    mkdirSync(join(folder, '0000000003.spill'))
    await expect(append(queue, label(2), Buffer.from('lost'))).rejects.toThrow(/EEXIST/)
    rmSync(join(folder, '0000000003.spill'), { recursive: true })
    await append(queue, label(3), Buffer.from('kept'))
    expect(tokens((await look()).waiting)).toEqual(['t0', 't1', 't3'])
  })

  it('says why a folder cannot be used', async () => {
    const file = join(folder, 'file')
    copyFileSync(import.meta.filename, file)
    chmodSync(file, 0o600)
    await expect(DiskQueue.open(join(file, 'spill'))).rejects.toThrow(/ENOTDIR/)
  })
})
