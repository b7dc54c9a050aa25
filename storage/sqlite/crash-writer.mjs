// The child of crash.test.ts: commits numbered batches until it is killed, and says each number after its commit.
// Plain JavaScript, so that the build leaves it out of dist/.
import { writeSync } from 'node:fs'
import { packsOf } from '../../core/engine/entity-pack.ts'
import { openStateStore } from './sqlite-state-store.ts'

const [folder, entityCount] = [process.argv[2], Number(process.argv[3])]
const entity = { kind: 'ip', id: '192.0.2.7' }

function findingOf(number) {
  const [id, last] = [`f-${number}`, number]
  const names = {
    space: 'default',
    lane: 'live',
    detector: 'd',
    version: 1,
    entity,
    state: 'final',
    manifest: 'm',
  }
  return { ...names, id, root: id, period: 0, severity: 'low', score: 1, first: 0, last, evidence: {} }
}

function batchOf(number, term) {
  const bytes = Buffer.alloc(200 + ((number * 997) % 4000), number % 256)
  const entities = Array.from({ length: entityCount }, (_, index) => {
    return { detector: 'd', version: 1, entity: `ip:${index}`, bytes }
  })
  const entry = { kind: 'intent', term, run: 'r', step: 's', action: 'a', at: number }
  return {
    positions: new Map([['p', number + 1]]),
    marks: [{ key: 'batch', value: String(number) }],
    packs: packsOf(entities, number + 1).map((pack) => ({ ...pack, oldest: number + 1 })),
    findings: [findingOf(number)],
    journal: [
      { ...entry, key: `k-${number}` },
      { ...entry, key: `k-${number}`, kind: 'result' },
    ],
    control: [{ kind: 'watermark', at: number }],
  }
}

const store = await openStateStore(folder)
let number = (await store.restore()).positions.get('p') ?? 0
for (;;) {
  await store.commit(batchOf(number, store.term))
  writeSync(1, `${number}\n`)
  number += 1
}
