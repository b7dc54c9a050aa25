// Writes the state of an engine that has seen so many principals into a data folder, as `picket run` does; says how many
// entities and records there are.
import { unpack } from '../../core/engine/entity-pack.ts'
import { openStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { fillEngine } from './fill-engine.ts'
import { largeEngine } from './large-engine.ts'
import { giveResult, taskInput } from './task.ts'

const { folder, principals } = taskInput<{ readonly folder: string; readonly principals: number }>()
const engine = largeEngine()
const store = await openStateStore(folder)
let records = 0
const entities = await fillEngine(engine, principals, async () => {
  const packs = engine.cutState().packs()
  for (const _ of unpack(packs)) records++
  engine.drain()
  await store.commit({ packs })
})
await store.commit({ marks: [{ key: 'watermark', value: String(engine.watermark) }] })
await store.close()
giveResult({ entities, records })
