import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StepState } from '../../core/response/run.ts'
import { openStateStore, type SqliteStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { findingLine } from '../render/finding-line.ts'
import { findingPage } from '../render/finding-page.ts'
import { runPicket } from '../testing/run-picket.ts'
import { at, decision, finding, journal, run } from '../testing/state-records.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-findings-'))
// Stays open in all tests: the commands must work beside a running `picket run`.
let store: SqliteStateStore

const early = finding({ id: 'f-2', root: 'f-2', last: at + 1500, severity: 'low', detector: 'webhook-skew' })
const note = finding({ id: 'f-0', root: 'f-0', last: at + 2000, severity: 'info' })
const proved = finding({ id: 'f-3', root: 'f-3', state: 'provisional' })

beforeAll(async () => {
  store = await openStateStore(folder)
  await store.commit({
    findings: [finding(), early, note, proved],
    runs: [run()],
    journal: journal(store.term),
    decisions: [decision(), decision({ id: 'd-2', finding: 'f-9', run: 'r-9' })],
  })
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const list = (...args: string[]) => runPicket('findings', 'list', '--data-dir', folder, ...args)
const show = (...args: string[]) => runPicket('findings', 'show', '--data-dir', folder, ...args)

describe('picket findings list', () => {
  it('prints final findings by (last, id), in the lines of replay', async () => {
    const { out, code } = await list('--json')
    expect(code).toBe(0)
    expect(out).toBe([early, note, finding()].map((one) => `${findingLine(one)}\n`).join(''))
  })

  it('filters by severity, detector, state and time', async () => {
    const ids = async (...args: string[]) =>
      [...(await list('--json', ...args)).out.matchAll(/"id":"(f-\d)"/g)].map((match) => match[1])
    expect(await ids('--severity', 'high')).toEqual(['f-1'])
    expect(await ids('--severity', 'low')).toEqual(['f-2', 'f-1'])
    expect(await ids('--detector', 'webhook-skew')).toEqual(['f-2'])
    expect(await ids('--state', 'provisional')).toEqual(['f-3'])
    expect(await ids('--since', new Date(at + 2000).toISOString())).toEqual(['f-0', 'f-1'])
    expect(await ids('--since', '1s')).toEqual([])
  })

  it('prints a table that no id can colour, and says when there is nothing', async () => {
    const { out } = await list()
    expect(out).toContain('token jti-\\u{1b}[31m1')
    expect(out).not.toContain('\u001b')
    expect((await list('--since', '1s')).out).toBe('no findings\n')
  })

  it('tells a detector without findings from one that there is not', async () => {
    expect(await list('--detector', 'credential-stuffing')).toMatchObject({ code: 0, out: 'no findings\n' })
    expect(await list('--detector', 'credential-stufing')).toMatchObject({
      code: 4,
      out: '',
      err: "no detector is called 'credential-stufing': did you mean 'credential-stuffing'?",
    })
    const bogus = await list('--detector', 'bogus\u001b[31m', '--since', '1s')
    expect(bogus).toMatchObject({ code: 4, out: '' })
    expect(bogus.err).toContain("no detector is called 'bogus\\u{1b}[31m': there are credential-stuffing, ")
  })

  it('lists the findings of a detector that no longer ships', async () => {
    await store.commit({
      findings: [finding({ id: 'f-6', root: 'f-6', detector: 'retired', state: 'provisional' })],
    })
    const ran = await list('--detector', 'retired', '--state', 'provisional')
    expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('f-6') })
    expect(await list('--detector', 'retired', '--since', '1d')).toMatchObject({
      code: 0,
      out: 'no findings\n',
    })
  })

  it('refuses a time that is none', async () => {
    expect(await list('--since', 'yesterday')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--since yesterday is no time: write 24h'),
    })
  })

  it('says where it looked when there is no state', async () => {
    const absent = join(folder, 'absent')
    const ran = await runPicket('findings', 'list', '--data-dir', absent)
    expect(ran).toMatchObject({ code: 4, err: expect.stringContaining(`there is no state in ${absent}`) })
  })
})

describe('picket findings show', () => {
  it('prints evidence, steps with their journal, and the decisions of the finding alone', async () => {
    const { out } = await show('f-1')
    expect(out).not.toContain('\u001b')
    expect(out).toContain(`Evidence:
  places:
    - ip: 203.0.113.9
      agents:
        - curl
  uses: 4
  nothing: none
`)
    expect(out).toContain('Playbook contain-jti-reuse (enforce), run r-1, done, started 2026-03-02 09:00:02')
    expect(out).toContain(
      '  revoke (revoke-token) token jti-1: applied until 2026-03-02 09:15:00\n    2026-03-02 09:00:02  intent\n    2026-03-02 09:00:03  result: applied, in force\n  page: refused — mode: dry run',
    )
    expect(out).toContain('throttle 5/m')
    expect(out).toContain('d-1')
    expect(out).not.toContain('d-2')
  })

  describe('of a step that a person took back', () => {
    const cause = finding({ id: 'f-4', root: 'f-4' })
    const step = run().steps[0]
    if (!step) throw new Error('the run has no step')
    const taken = { ...step, status: 'refused', rule: 'exempt', detail: 'taken back by root' } as const
    const story = (state: StepState) =>
      findingPage({
        finding: cause,
        runs: [
          {
            run: run({ finding: cause, steps: [{ ...state, at: at + 60_000, until: at + 60_000 }] }),
            journal: [
              ...journal(1),
              {
                kind: 'undo',
                key: 'd-1',
                term: 1,
                run: 'r-1',
                step: 'revoke',
                action: 'revoke-token',
                detail: 'taken back by root',
                at: at + 60_000,
              },
            ],
          },
        ],
        decisions: [],
      })

    it('says when and by whom, and calls it no refusal', () => {
      const page = story(taken)
      expect(page).toContain('  revoke (revoke-token) token jti-1: taken back 09:01:00 by root\n')
      expect(page).not.toContain('refused')
    })

    it('still says refused when the exemption stopped it later', () => {
      const { decision: _gone, ...refused } = { ...taken, detail: 'token jti-1 is exempt until tomorrow' }
      expect(story(refused)).toContain(': refused — exempt: token jti-1 is exempt until tomorrow')
    })

    it('names the rule when it was no person', () => {
      const page = story({ ...taken, rule: 'kill_switch', detail: 'the file kill-switch' })
      expect(page).toContain(': taken back 09:01:00 — kill_switch: the file kill-switch\n')
      expect(page).not.toContain('refused')
    })
  })

  it('names the condition that kept playbooks from taking it', async () => {
    const quiet = finding({ id: 'f-7', root: 'f-7', severity: 'info' })
    const retired = finding({ id: 'f-8', root: 'f-8', detector: 'retired' })
    await store.commit({ findings: [quiet, retired] })
    expect((await show('f-7')).out).toContain(
      "No playbook took it.\n  contain-jti-reuse: it asks for finding.severity != 'info'\n",
    )
    expect((await show('f-8')).out).toMatch(/No playbook took it\.\n {2}no playbook of .* is for retired\n/)
  })

  it('prints the same as one JSON object', async () => {
    const { out } = await show('f-1', '--json')
    const story = JSON.parse(out)
    expect(story).toMatchObject({
      ...JSON.parse(findingLine(finding())),
      state: 'final',
      root: 'f-1',
      runs: [{ id: 'r-1', steps: [{ step: 'revoke', at: '2026-03-02T09:00:03.000Z' }, { step: 'page' }] }],
      decisions: [{ id: 'd-1', rate: '5/m', until: '2026-03-02T09:15:00.000Z' }],
    })
    expect(story.runs[0].journal).toHaveLength(2)
    expect(out.trim()).not.toContain('\n')
  })

  it('says what to do when there is no such finding', async () => {
    const ran = await show('f-\u001b[2J')
    expect(ran.code).toBe(4)
    expect(ran.err).toContain("there is no finding 'f-\\u{1b}[2J'")
    expect(ran.err).toContain('picket findings list')
  })
})
