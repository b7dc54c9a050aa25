import { runStateStoreContract } from '../../test/contracts/state-store-contract.ts'
import { MemoryStateStore } from './memory-state-store.ts'

const again = async (store: unknown) => new MemoryStateStore((store as MemoryStateStore).state)

runStateStoreContract({
  name: 'memory',
  open: async () => new MemoryStateStore(),
  reopen: again,
  takeOver: again,
})
