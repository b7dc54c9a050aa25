import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { demoLines } from '../cli/demo/demo-lines.ts'
import { demoReport } from '../cli/demo/demo-report.ts'
import { demoEnd, recording, replayDemo } from '../cli/demo/recorded-hour.ts'
import { inForce } from '../cli/render/in-force-table.ts'
import { coloured, plain } from '../cli/render/paint.ts'
import type { Replayed } from '../cli/runtime/replay.ts'
import type { Event } from '../core/event/event.ts'
import { demoParts, demoRecording } from './scenarios/demo-recording.ts'

const replayTimeoutMs = 240_000

function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Detector and entity, once for each attack. */
function blamed(replayed: Replayed, isNote: boolean): string[] {
  const names = replayed.findings
    .filter(({ severity }) => (severity === 'info') === isNote)
    .map(({ detector, entity }) => `${detector} blames ${entity.kind} ${entity.id}`)
  return [...new Set(names)].sort()
}

/** Everybody who acts in a stream and could be blamed for it. */
function actors(events: readonly Event[]): Set<string> {
  return new Set(
    events.flatMap((event) => [
      `ip ${event['client.ip']}`,
      `principal ${event['principal.id']}`,
      `token ${event['token.jti']}`,
      `provider ${event['webhook.provider']}`,
    ]),
  )
}

it('ships the recording that its generator writes', () => {
  const shipped = gunzipSync(readFileSync(join(import.meta.dirname, '..', recording)))
  expect(
    sha256(shipped),
    'the generator or a scenario changed: run npx tsx test/scenarios/write-recording.ts',
  ).toBe(sha256(demoRecording()))
})

describe('the recorded hour', () => {
  let replayed: Replayed
  beforeAll(async () => {
    replayed = await replayDemo()
  }, replayTimeoutMs)

  it('is read whole', () => {
    const { events, refusedTotal, late } = replayed.tally
    expect(events).toBeGreaterThan(60_000)
    expect({ refusedTotal, late }).toEqual({ refusedTotal: 0, late: 0 })
  })

  it('shows each planted attack to the right detector, and blames nobody else', () => {
    const planted = demoParts.flatMap(({ blamed: one }) =>
      one ? [`${one.detector} blames ${one.entity.kind} ${one.entity.id}`] : [],
    )
    expect(new Set(planted.map((text) => text.split(' ')[0])).size).toBe(4)
    expect(blamed(replayed, false)).toEqual(planted.sort())
  })

  it('leaves look-alikes at most noted', () => {
    const lookAlikes = demoParts.filter((part) => !part.blamed)
    expect(lookAlikes.length).toBeGreaterThan(12)
    const attackers = replayed.findings
      .filter(({ severity }) => severity !== 'info')
      .map(({ entity }) => `${entity.kind} ${entity.id}`)
    for (const { what, events } of lookAlikes) {
      const known = actors(events)
      expect(
        attackers.filter((name) => known.has(name)),
        what,
      ).toEqual([])
    }
    const noted = demoParts.flatMap(({ noted: one }) =>
      one ? [`${one.detector} blames ${one.entity.kind} ${one.entity.id}`] : [],
    )
    expect(blamed(replayed, true)).toEqual(noted.sort())
  })

  it('has steps that are applied, refused by a safety rule, and in dry run', () => {
    const steps = replayed.runs.flatMap(({ playbook, steps }) => steps.map((step) => ({ playbook, ...step })))
    expect(steps.filter(({ status }) => status === 'failed' || status === 'unknown')).toEqual([])
    const refused = steps.filter(({ status }) => status === 'refused')
    const about = refused.map(({ rule, target }) => `${rule} ${target?.id}`)
    expect(about).toEqual(expect.arrayContaining(['protected partner-acme', 'scope 203.0.113.200']))
    expect(refused.every(({ detail }) => detail !== undefined && detail !== '')).toBe(true)
    const dry = steps.filter(({ status }) => status === 'dry_run')
    expect(new Set(dry.map(({ playbook }) => playbook))).toEqual(new Set(['contain-webhook-skew']))
  })

  it('ends with decisions against those attackers alone whom no rule protects', () => {
    const end = demoEnd(replayed.end)
    const decisions = inForce(replayed.decisions, end)
    expect(decisions.map(({ type, scope, value }) => `${type} ${scope} ${value}`).sort()).toEqual([
      'revoke token tok-logged-out',
      'revoke token tok-stolen',
      'throttle ip 203.0.113.50',
      'throttle principal mallory',
    ])
    expect(decisions.every(({ until }) => until > end)).toBe(true)
  })

  it('prints a page of at most its width, in which nothing moves the cursor', () => {
    const next = [{ command: 'picket check', why: 'check' }]
    for (const width of [100, 140]) {
      const page = demoReport({ replayed, seconds: 1, next }, { paint: plain, width })
      expect(page.split('\n').filter((line) => line.length > width)).toEqual([])
      expect(page).not.toMatch(/[^\P{Cc}\n]/u)
    }
    const page = demoReport({ replayed, seconds: 1, next }, { paint: plain, width: 120 })
    for (const { entity } of replayed.findings) expect(page).toContain(`${entity.kind} ${entity.id}`)
    const bright = demoReport({ replayed, seconds: 1, next }, { paint: coloured, width: 120 })
    expect(bright.replace(/\u001b\[\d+m/g, '')).toBe(page)
  })

  it('prints findings, runs and decisions as lines of JSON', () => {
    const lines = demoLines(replayed).map((line) => JSON.parse(line) as { type: string; id: string })
    const count = (type: string) => lines.filter((line) => line.type === type).length
    expect(count('finding')).toBe(replayed.findings.length)
    expect(count('run')).toBe(replayed.runs.length)
    expect(count('decision')).toBe(4)
    expect(lines.every(({ id }) => id.length > 0)).toBe(true)
  })
})
