/** Writes the recording of `picket demo` from its seeded generator: `npx tsx test/scenarios/write-recording.ts`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stdout } from 'node:process'
import { gzipSync } from 'node:zlib'
import { demoRecording } from './demo-recording.ts'

const path = join('cli', 'demo', 'recording.ndjson.gz')
const text = demoRecording()
// zlib writes no time into the header, so the same text gives the same file.
const packed = gzipSync(text, { level: 9 })
writeFileSync(join(import.meta.dirname, '..', '..', path), packed)
stdout.write(
  `${path}: ${text.split('\n').length - 1} events, ${text.length} bytes, packed ${packed.length}\n`,
)
