import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { detectors } from '../../detectors/detectors.ts'

const fixtures = join(import.meta.dirname, '..', '..', 'detectors')

/** Time of a canonical line, epoch milliseconds. */
export function timeOf(line: string): number {
  return Date.parse((JSON.parse(line) as { time: string }).time)
}

/** The recorded attack of every detector, in one stream in the order of time. */
export const recordedAttacks: readonly string[] = detectors
  .map(({ id }) => join(fixtures, id, 'fixtures'))
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((path) => path.endsWith('/attack.ndjson'))
  .flatMap((path) => readFileSync(path, 'utf8').trim().split('\n'))
  .sort((left, right) => timeOf(left) - timeOf(right))
