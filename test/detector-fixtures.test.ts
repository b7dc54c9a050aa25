import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Severity } from '../core/detector/finding.ts'
import { entityKey } from '../core/entity/entity.ts'
import type { Event } from '../core/event/event.ts'
import { detectors } from '../detectors/detectors.ts'
import { openFormat } from '../ingest/formats/format-options.ts'
import { fixedPublicKey, pseudonymiser } from '../ingest/privacy/pseudonym.ts'
import { judgeEvents } from './engine/judge-events.ts'
import { decodeLine } from './formats/decode-line.ts'
import { fixtureText, loadScenario } from './scenarios/fixture-text.ts'

/** The few facts that matter; severity `info` is listed only where a note is expected. */
interface Expected {
  readonly findings: readonly {
    readonly entity: string
    readonly severity: Severity
    readonly evidence?: object
  }[]
}

const decode = openFormat('canonical')
const pseudonymise = pseudonymiser(fixedPublicKey)

/** Events as ingest hands them over. */
function eventsOf(ndjson: string): Event[] {
  return ndjson.split('\n').flatMap((line) => {
    const decoded = decodeLine(decode, line)
    if (decoded.outcome === 'refused') throw new Error(`${decoded.reason}: ${decoded.detail}: ${line}`)
    if (decoded.outcome === 'skip') return []
    const account = decoded.event['auth.account']
    return [{ ...decoded.event, ...(account === undefined ? {} : { 'auth.account': pseudonymise(account) }) }]
  })
}

describe.each(detectors.map((detector) => [detector.id, detector] as const))(
  'fixtures of %s',
  (id, detector) => {
    const folder = join(import.meta.dirname, '..', 'detectors', id, 'fixtures')
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.ndjson')) : []

    it.each(names)('%s', (name) => {
      const expected = parse(
        readFileSync(join(folder, name.replace('.ndjson', '.expected.yaml')), 'utf8'),
      ) as Expected
      const { finals } = judgeEvents(detector, eventsOf(readFileSync(join(folder, name), 'utf8')))
      // A continuing attack is one incident: its later findings are not listed again.
      const found = finals.filter((finding) => finding.continues === undefined)
      expect(found.map(({ entity, severity }) => `${entityKey(entity)} ${severity}`).sort()).toEqual(
        expected.findings.map(({ entity, severity }) => `${entity} ${severity}`).sort(),
      )
      for (const { entity, evidence = {} } of expected.findings) {
        const finding = found.find((candidate) => entityKey(candidate.entity) === entity)
        expect(finding?.evidence).toMatchObject(evidence)
      }
    })

    it('are what the generator writes', async () => {
      const scenario = await loadScenario(id)
      expect(
        Object.keys(scenario)
          .map((name) => `${name}.ndjson`)
          .sort(),
      ).toEqual([...names].sort())
      for (const [name, events] of Object.entries(scenario)) {
        expect(readFileSync(join(folder, `${name}.ndjson`), 'utf8')).toBe(fixtureText(events))
      }
    })
  },
)
