import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Event } from '../../core/event/event.ts'
import { detectors } from '../../detectors/detectors.ts'

/** Recorded streams by name, as a scenario file exports them by default. */
export type Scenario = Readonly<Record<string, readonly Event[]>>

/** Detectors with a generator beside this file. */
export function scenarioIds(): string[] {
  return detectors.map(({ id }) => id).filter((id) => existsSync(join(import.meta.dirname, `${id}.ts`)))
}

export async function loadScenario(id: string): Promise<Scenario> {
  const module = (await import(
    /* @vite-ignore */ pathToFileURL(join(import.meta.dirname, `${id}.ts`)).href
  )) as { default: Scenario }
  return module.default
}

/** Canonical NDJSON with ISO times, one event a line; times that the generator left fractional are cut. */
export function fixtureText(events: readonly Event[]): string {
  return events
    .map((event) => `${JSON.stringify({ ...event, time: new Date(Math.floor(event.time)).toISOString() })}\n`)
    .join('')
}
