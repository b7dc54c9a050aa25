// The reference for files: reads in chunks, splits lines, calls JSON.parse, touches two fields. It keeps nothing.
import { closeSync, openSync, readSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { giveResult, taskInput } from './task.ts'

const chunkBytes = 256 * 1024
const lf = 0x0a

const { path } = taskInput<{ readonly path: string }>()
const started = performance.now()
const file = openSync(path, 'r')
const chunk = Buffer.allocUnsafe(chunkBytes)
let rest: Buffer = Buffer.alloc(0)
let events = 0
let touched = 0

for (;;) {
  const read = readSync(file, chunk)
  if (read === 0) break
  const bytes = rest.length === 0 ? chunk.subarray(0, read) : Buffer.concat([rest, chunk.subarray(0, read)])
  let start = 0
  for (let end = bytes.indexOf(lf); end >= 0; end = bytes.indexOf(lf, start)) {
    const line = JSON.parse(bytes.toString('utf8', start, end)) as { time: string; status: number }
    touched += line.status + line.time.length
    events++
    start = end + 1
  }
  rest = Buffer.from(bytes.subarray(start))
}
closeSync(file)
giveResult({ events, ms: performance.now() - started, touched })
