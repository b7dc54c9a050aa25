import { arrivalsMax, stoppedShareMax, triesAgain, usualMin } from './broken-deploy.ts'
import type { LoginWindow } from './picture.ts'
import { placesOf, withoutPlaces } from './places.ts'
import { toolsOf } from './shared-software.ts'
import { failedOnlyOf, successesOf, type Tries } from './tries.ts'

/**
 * Leaves out the tries of software that stopped working: nobody logs in with it any more, while about as many fail as
 * used to log in, and they try again. All others go on, so the route looks attacked. An attack with the same software
 * would not stop its users' log-ins.
 */
export function withoutBadReleases(
  tries: readonly Tries[],
  window: LoginWindow,
  scale: number,
): readonly Tries[] {
  const tools = window.once(toolsOf)
  const broken = new Set<string>()
  for (const { name, rows } of placesOf.fingerprint(tries)) {
    const tool = tools.get(name)
    if (tool?.first_success === undefined) continue
    const usual = { since: tool.first_success, successes: successesOf(tool) }
    if (isBadRelease(rows, usual, scale, window.end)) broken.add(name)
  }
  return withoutPlaces(tries, 'fingerprint', broken)
}

interface LogIns {
  readonly since: number
  readonly successes: number
}

function isBadRelease(rows: readonly Tries[], logIns: LogIns, scale: number, end: number): boolean {
  const failed = failedOnlyOf(rows)
  const times = failed.map(({ firstFailure }) => firstFailure).sort((left, right) => left - right)
  const began = times[Math.floor(times.length / 10)]
  const ended = times[Math.floor(times.length * 0.9)]
  if (began === undefined || ended === undefined || ended <= began) return false
  const meanwhile = rows.filter((row) => row.lastSuccess > began && row.lastSuccess <= ended).length * scale
  const beforeMs = began - logIns.since
  if (beforeMs <= 0) return false
  const usual = ((logIns.successes - meanwhile) / beforeMs) * (ended - began)
  if (usual < usualMin || meanwhile > usual * stoppedShareMax) return false
  return failed.length * scale <= usual * arrivalsMax && triesAgain(failed, end)
}
