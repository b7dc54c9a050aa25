import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { gatewayLine } from './gateway-line.ts'
import { type WorkloadId, workloads } from './workloads.ts'

export interface WorkloadFile {
  readonly path: string
  readonly events: number
}

export interface WorkloadOptions {
  readonly id: WorkloadId
  readonly seed: number
  readonly events: number
  /** Events a second of event time. Default: that of the workload. */
  readonly rate?: number
  /** Where files are kept. */
  readonly folder: string
}

/** Lines written at once. */
const linesPerWrite = 5000

/** The workload as a file, made on first use: the same bytes for the same id, seed, size and generator. */
export function workloadFile({ id, seed, events, rate, folder }: WorkloadOptions): WorkloadFile {
  const digest = createHash('sha256')
    .update(`${id} ${seed} ${events} ${rate} ${generatorDigest()}`)
    .digest('hex')
  const path = join(folder, `${id}-${events}-${digest.slice(0, 8)}.ndjson`)
  if (existsSync(path)) return { path, events }
  mkdirSync(folder, { recursive: true })
  const partial = `${path}.${process.pid}.partial`
  const file = openSync(partial, 'w')
  let left = events
  let lines: string[] = []
  for (const event of workloads[id].events({
    seed,
    count: events,
    ...(rate === undefined ? {} : { rate }),
  })) {
    lines.push(gatewayLine(event))
    left--
    if (left > 0 && lines.length < linesPerWrite) continue
    writeSync(file, lines.join(''))
    lines = []
    if (left === 0) break
  }
  closeSync(file)
  // So that the name never shows half a file.
  renameSync(partial, path)
  return { path, events }
}

/** Of the code that makes the events. */
function generatorDigest(): string {
  const scenarios = join(import.meta.dirname, '..', '..', 'test', 'scenarios')
  const hash = createHash('sha256')
  for (const folder of [import.meta.dirname, scenarios]) {
    for (const name of readdirSync(folder).sort()) {
      if (name.endsWith('.ts') && !name.endsWith('.test.ts')) hash.update(readFileSync(join(folder, name)))
    }
  }
  return hash.digest('hex')
}
