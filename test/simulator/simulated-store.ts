import type { Changes, EntityPack, StateStore } from '../../core/ports/state-store.ts'
import { MemoryStateStore } from '../../storage/memory/memory-state-store.ts'
import { StateError } from '../../storage/sqlite/state-error.ts'
import type { Life, Travel } from './life.ts'
import type { World } from './world.ts'

/** The state of the world as one process has it open: slow, full, failing, or lying about a failure. */
export function simulatedStore(world: World, life: Life): StateStore {
  const store = new MemoryStateStore(world.memory)
  const { rates } = world.plan

  function travel(): Travel {
    const { random } = world
    const slow = () => (world.chance(rates.storeSlow) ? random.int(100, 9000) : 0)
    return { thereMs: (random.chance(0.3) ? 1 : 0) + slow(), backMs: slow() }
  }

  async function write(changes: Changes): Promise<void> {
    if (world.isDiskFull) throw new StateError('full', 'the disk is full')
    if (world.chance(rates.storeFails)) throw new StateError('disk', 'the disk failed, nothing was written')
    await store.commit(changes)
    world.intake.written(changes)
    if (world.chance(rates.storeLies)) throw new StateError('disk', 'the disk failed after it had written')
  }

  async function read<T>(effect: () => Promise<T>): Promise<T> {
    if (world.chance(rates.storeFails)) throw new StateError('disk', 'the disk can not be read')
    return effect()
  }

  const real: StateStore = {
    term: store.term,
    commit(changes) {
      if (life.isAlive) world.intake.taken(changes)
      return life.call(`commit ${Object.keys(changes).length}`, () => write(changes), travel())
    },
    restore: () => life.call('restore', () => read(() => store.restore()), travel()),
    async *packs() {
      const packs: EntityPack[] = []
      for await (const pack of store.packs()) packs.push(pack)
      yield* await life.call('packs', () => read(async () => packs))
    },
    findings: (filter) => life.call('findings', () => read(() => store.findings(filter))),
    runs: (filter) => life.call('runs', () => read(() => store.runs(filter))),
    journal: (run) => life.call('journal', () => read(() => store.journal(run))),
    decisions: () => life.call('decisions', () => read(() => store.decisions())),
    close: () => store.close(),
  }
  return world.canary?.store?.(real, world) ?? real
}
