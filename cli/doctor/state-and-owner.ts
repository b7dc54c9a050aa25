import { existsSync } from 'node:fs'
import type { ConfiguredDetector } from '../../core/detector/detector.ts'
import type { HeldState } from '../../storage/sqlite/held-state.ts'
import { takeOwnerLock } from '../../storage/sqlite/owner-lock.ts'
import { migrations } from '../../storage/sqlite/schema.ts'
import { openReadOnly } from '../../storage/sqlite/sqlite-state-store.ts'
import { StateError } from '../../storage/sqlite/state-error.ts'
import { stateFiles } from '../../storage/sqlite/state-files.ts'
import { megabytes } from '../render/megabytes.ts'
import { safeText } from '../render/safe-text.ts'
import { controlRequest } from '../runtime/control-client.ts'
import { leftState } from '../runtime/left-state.ts'
import { picketVersion } from '../runtime/shipped.ts'
import { type Examination, type Result, resultsAbout } from './examination.ts'
import { soundness, soundnessMsMax } from './soundness.ts'

const about = 'state'
const { ok, warn, fail } = resultsAbout(about)

/** The `picket run` that has the data folder open and answers. */
export interface Running {
  readonly picket: string
  readonly pid: number
}

/** Asks the `picket run` of a data folder who it is; `undefined` when nobody answers. */
export async function runningIn(dataDir: string): Promise<Running | undefined> {
  const answer = await controlRequest(dataDir, { method: 'GET', path: '/status', timeoutMs: 3000 }).catch(
    () => undefined,
  )
  return answer?.status === 200 ? (answer.body as Running) : undefined
}

/** Whether the state's pages hold together and this version can read it, and which process owns it. */
export function stateAndOwner(
  dataDir: string,
  running: Promise<Running | undefined>,
  detectors: readonly ConfiguredDetector[],
  msMax: number = soundnessMsMax,
): Examination {
  return {
    about,
    async examine() {
      const states = await stateOf(dataDir, detectors, msMax)
      if (states.some(({ level }) => level === 'fail')) return states
      return [...states, ...ownerOf(dataDir, await running)]
    },
  }
}

async function stateOf(
  dataDir: string,
  detectors: readonly ConfiguredDetector[],
  msMax: number,
): Promise<readonly Result[]> {
  const startedAt = performance.now()
  try {
    const state = await openReadOnly(dataDir)
    const left = leftState(await state.held(), detectors)
    await state.close()
    const schema = `schema ${migrations.length}, the newest that this version knows`
    // On a slow disk the above took some of the time already.
    const msLeft = Math.max(0, msMax - (performance.now() - startedAt))
    const { told, todo } = await soundness(stateFiles(dataDir).database, { msMax: msLeft })
    const looked = todo === undefined ? [ok(`${schema}; ${told}`)] : [ok(schema), warn(told, todo)]
    return [...looked, ...left.map(leftResult)]
  } catch (error) {
    if (!(error instanceof StateError)) throw error
    if (error.code === 'absent') return [ok('none yet; the first picket run makes it')]
    const colon = error.message.indexOf(': ')
    const message = error.message.slice(0, colon)
    const todo = error.message.slice(colon + 2)
    // What the next start mends.
    return [/older schema/.test(message) ? warn(message, todo) : fail(message, todo)]
  }
}

function leftResult({ detector, version, bytes }: HeldState): Result {
  const whose = `${safeText(detector, 100)} version ${version}`
  return warn(
    `${megabytes(bytes)} are held of ${whose}, which the configuration does not run`,
    `leave it if the detector may come back, which goes on where it was; else stop picket run and call picket detectors forget ${safeText(detector, 100)}`,
  )
}

function ownerOf(dataDir: string, running: Running | undefined): readonly Result[] {
  if (running) {
    const { picket, pid } = running
    if (picket === picketVersion) return [ok(`in use by picket run ${picket}, process ${pid}`)]
    const todo = 'restart it when you can: what this command says may not hold for it'
    return [warn(`in use by picket run ${picket}, process ${pid}; this is ${picketVersion}`, todo)]
  }
  const { lock } = stateFiles(dataDir)
  if (!existsSync(lock)) return []
  // Held for no longer than it takes to see that it is free.
  const taken = takeOwnerLock(lock)
  if (taken) {
    taken.release()
    return [ok('no process has it open')]
  }
  const todo = 'wait if it is starting or another command has it open; else look for a picket run that hangs'
  return [warn('a process has it open that does not answer at its control socket', todo)]
}
