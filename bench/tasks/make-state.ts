// Writes the state of an engine that has seen so many principals, each with an address and a token of its own, into a
// data folder, as `picket run` does; says how many entities and records there are.
import { unpack } from '../../core/engine/entity-pack.ts'
import { openStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { requestOfMany } from '../workloads/many-keys.ts'
import { largeEngine } from './large-engine.ts'
import { giveResult, taskInput } from './task.ts'

const start = Date.UTC(2026, 2, 9, 8)
const windowMs = 10 * 60_000
const requestsEach = 2

const { folder, principals } = taskInput<{ readonly folder: string; readonly principals: number }>()
const engine = largeEngine()
const store = await openStateStore(folder)
let records = 0

async function commit(): Promise<void> {
  const packs = engine.cutState().packs()
  for (const _ of unpack(packs)) records++
  engine.drain()
  await store.commit({ packs })
}

const total = principals * requestsEach
for (let serial = 0; serial < total; serial++) {
  const time = start + Math.floor((serial * windowMs) / total)
  engine.observe(requestOfMany(serial % principals, time, serial))
  if (serial % 50_000 === 49_999) {
    engine.advance(time - 30_000)
    await commit()
  }
}
await commit()
await store.commit({ marks: [{ key: 'watermark', value: String(engine.watermark) }] })
await store.close()
const entities = [...engine.entityCounts().values()].reduce((sum, count) => sum + count, 0)
giveResult({ entities, records })
