import { expect, it } from 'vitest'
import { healthProblems, readinessProblems, silenceMsMax, type Vitals } from './run-health.ts'

const now = 10 * silenceMsMax
const well: Vitals = {
  running: { since: 0, checkpointAt: now - 250, turnAt: now - 1000 },
  opening: [],
  lacksRoom: false,
  gatewaysUp: true,
  isStopping: false,
}
const silent = { since: 0, checkpointAt: now - silenceMsMax - 1, turnAt: now - 1000 }

it('is well and ready when everything goes on', () => {
  expect(healthProblems(well, now)).toEqual([])
  expect(readinessProblems(well, now)).toEqual([])
})

it('is neither when checkpoints or the loop have stopped', () => {
  expect(healthProblems({ ...well, running: silent }, now)).toEqual([
    'checkpoint: the last one was 60 s ago, and should be within 60 s',
  ])
  const hung = { since: 0, checkpointAt: now, turnAt: Number.NEGATIVE_INFINITY }
  expect(healthProblems({ ...well, running: hung }, now)).toEqual([
    'loop: its last turn was 600 s ago, and should be within 60 s',
  ])
  expect(readinessProblems({ ...well, running: silent }, now)).toHaveLength(1)
})

it('gives a process that has only begun the same time', () => {
  const begun = { since: now - 1000, checkpointAt: -Infinity, turnAt: -Infinity }
  expect(healthProblems({ ...well, running: begun }, now)).toEqual([])
})

it('a full disk, restoring and stopping are no reason to start again, and not ready', () => {
  const { running: _running, ...restoring } = well
  for (const vitals of [
    { ...well, running: silent, lacksRoom: true },
    restoring,
    { ...well, isStopping: true },
  ]) {
    expect(healthProblems(vitals, now)).toEqual([])
    expect(readinessProblems(vitals, now)).toHaveLength(1)
  }
})

it('says each source that is not open, and gateways that are not answered; none configured are not missing', () => {
  const problems = readinessProblems({ ...well, opening: ['gateway', 'log'], gatewaysUp: false }, now)
  expect(problems).toEqual([
    expect.stringContaining('source gateway'),
    expect.stringContaining('source log'),
    expect.stringContaining('enforcement'),
  ])
  const { gatewaysUp: _none, ...without } = well
  expect(readinessProblems(without, now)).toEqual([])
})
