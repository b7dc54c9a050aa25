import { describe, expect, it } from 'vitest'
import { type Canary, canaries } from './canaries.ts'
import { failingSeeds } from './failing-seeds.ts'
import { addRun, crashPlan, everyCrash, noRuns, seededPlan, type Total, trials, type Work } from './modes.ts'
import { type Report, simulate } from './simulate.ts'

async function total(work: Work): Promise<Total> {
  const sum = noRuns()
  for await (const report of work()) addRun(sum, report)
  return sum
}

function broken({ failures }: Total): string[] {
  return failures.map(({ seed, violations, killedAt }) => `seed ${seed}: ${violations[0]} (${killedAt})`)
}

// Runs share no time with the clock on the wall: the limit is for machines that do much else meanwhile.
const timeout = 120_000

describe('simulated runs', { timeout }, () => {
  it('keep every promise, killed and with ports that fail', async () => {
    const sum = await total(trials(1, 10, 1, 6))
    expect(broken(sum)).toEqual([])
    // A run in which nothing happened would keep any promise.
    expect(sum.kills).toBeGreaterThan(30)
    expect(sum.findings).toBeGreaterThan(20)
    expect(sum.effects).toBeGreaterThan(60)
    expect(sum.decisions).toBeGreaterThan(20)
    expect(sum.late).toBeGreaterThan(0)
    expect(sum.late).toBeLessThan(sum.accepted / 10)
  })

  it('keep every promise when killed at any call of a port', async () => {
    // `npm run sim -- --every-crash` takes every call of a minute; here a part of them, with a step that meets each kind of call.
    const sum = await total(everyCrash(1, undefined, 131))
    expect(broken(sum)).toEqual([])
    expect(sum.kills).toBe(sum.runs - 1)
  })

  it('are the same for the same seed, and others for another', async () => {
    const [first, again, other] = [await run(11), await run(11), await run(12)]
    expect(again).toEqual(first)
    expect(other.digest).not.toBe(first.digest)
  })

  it('find what a fault-free run finds, with nothing late, when nothing fails', async () => {
    const report = await simulate(crashPlan(3, []))
    expect(report.violations).toEqual([])
    expect(report).toMatchObject({ kills: 0, exits: 0, late: 0 })
    expect(report.findings).toBeGreaterThanOrEqual(3)
  })
})

it.each(failingSeeds)('seed $seed: $found', async ({ seed, killsPerMinute }) => {
  const report = await simulate(seededPlan(seed, 1, killsPerMinute))
  expect(report.violations).toEqual([])
})

describe('a planted bug is found', { timeout }, () => {
  it.each(Object.entries(canaries))('%s', async (_name, canary) => {
    expect(await seedsUntilFound(canary)).toBeLessThanOrEqual(8)
  })
})

function run(seed: number): Promise<Report> {
  return simulate(seededPlan(seed, 1, 6))
}

async function seedsUntilFound(canary: Canary): Promise<number> {
  for (let seed = 1; seed <= 20; seed++) {
    const { violations } = await simulate(seededPlan(seed, 1, 12), canary)
    if (violations.length > 0) return seed
  }
  return Number.POSITIVE_INFINITY
}
