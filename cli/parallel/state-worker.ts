/** The thread that writes the state begins here: SQLite holds up its thread with each commit, and no other must wait. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { EncodedChanges } from '../../storage/sqlite/encode-changes.ts'
import { openForCommits } from '../../storage/sqlite/open-database.ts'
import { StateCommitter } from '../../storage/sqlite/state-committer.ts'
import { StateError } from '../../storage/sqlite/state-error.ts'
import type { FromStateThread, StateThreadData, ToStateThread } from './state-messages.ts'

function obey(port: MessagePort, { file, term }: StateThreadData) {
  const db = openForCommits(file)
  const committer = new StateCommitter(db, term, { checkpoints: true })
  let isTidying = false

  function commit(changes: EncodedChanges): FromStateThread {
    try {
      committer.commit(changes)
      return { kind: 'committed' }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      return { kind: 'failed', code: error instanceof StateError ? error.code : undefined, message }
    }
  }
  /** Commits that have come go before. */
  function tidySoon(): void {
    if (isTidying || !committer.isUntidy) return
    isTidying = true
    setImmediate(() => {
      isTidying = false
      if (!db.open) return
      committer.tidy()
      tidySoon()
    })
  }

  return (message: ToStateThread) => {
    if (message.kind === 'close') {
      db.close()
      port.close()
      return
    }
    port.postMessage(commit(message.changes))
    tidySoon()
  }
}

if (!parentPort) throw new Error('state-worker only runs as a thread of `picket run`')
parentPort.on('message', obey(parentPort, workerData as StateThreadData))
