/**
 * Writes the recorded streams of detectors from their seeded generators:
 * `npx tsx test/scenarios/write-fixtures.ts [detector…]`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv, stdout } from 'node:process'
import { fixtureText, loadScenario, scenarioIds } from './fixture-text.ts'

const wanted = argv.length > 2 ? argv.slice(2) : scenarioIds()
for (const id of wanted) {
  const folder = join(import.meta.dirname, '..', '..', 'detectors', id, 'fixtures')
  mkdirSync(folder, { recursive: true })
  for (const [name, events] of Object.entries(await loadScenario(id))) {
    writeFileSync(join(folder, `${name}.ndjson`), fixtureText(events))
    stdout.write(`${id}/${name}: ${events.length} events\n`)
  }
}
