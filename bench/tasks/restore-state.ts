// Reads the records of a data folder, and no more, or, with `restore`, into an engine as a start does.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { resourceUsage } from 'node:process'
import { unpack } from '../../core/engine/entity-pack.ts'
import { openReadOnly } from '../../storage/sqlite/sqlite-state-store.ts'
import { entitiesOf } from './fill-engine.ts'
import { largeEngine } from './large-engine.ts'
import { giveResult, taskInput } from './task.ts'

const { folder, restore } = taskInput<{ readonly folder: string; readonly restore: boolean }>()
const engine = largeEngine()
// In the page cache for both: what is compared is not the disk.
const fileStarted = performance.now()
const fileBytes = readFileSync(join(folder, 'state.db')).length
const fileMs = performance.now() - fileStarted
const store = await openReadOnly(folder)
const watermark = Number((await store.restore()).marks.get('watermark'))

let bytes = 0
/** So that nothing is left out for being unused. */
let touched = 0
const started = performance.now()
for await (const pack of store.packs()) {
  bytes += pack.bytes.length
  if (restore) engine.restore(pack)
  else for (const { bytes: read } of unpack([pack])) touched += read?.length ?? 0
}
if (restore) engine.restored(watermark, [])
const ms = performance.now() - started
await store.close()
const entities = entitiesOf(engine)
giveResult({ touched, ms, fileMs, bytes, fileBytes, entities, rssBytes: resourceUsage().maxRSS * 1024 })
