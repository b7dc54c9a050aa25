import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Changes } from '../../core/ports/state-store.ts'
import { openReadOnly, openStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { runPicket } from '../testing/run-picket.ts'
import { decision, finding, journal, run } from '../testing/state-records.ts'

let folder: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'picket-decisions-'))
  await commit({})
})
afterEach(() => rmSync(folder, { recursive: true }))

async function commit(changes: Changes): Promise<void> {
  const store = await openStateStore(folder)
  await store.commit(changes)
  await store.close()
}

async function stored() {
  const state = await openReadOnly(folder)
  const { decisions, exemptions, openIntents, pendingRuns } = await state.restore()
  const runs = await state.runs()
  const control = await state.controlLog()
  await state.close()
  return { decisions, exemptions, openIntents, pendingRuns, runs, control }
}

const picket = (command: string, ...args: string[]) =>
  runPicket('decisions', command, '--data-dir', folder, ...args)
const add = (...args: string[]) =>
  picket('add', '--ttl', '15m', '--reason', 'scraping', '--by', 'ann', ...args)
const throttle = ['--scope', 'ip', '--value', '203.0.113.9', '--type', 'throttle', '--rate', '5/m'] as const
const current = { from: Date.now() - 60_000, until: Date.now() + 900_000 }

describe('picket decisions while no picket run is running', () => {
  it('adds a decision, lists it in fixed names, and renews it when asked again', async () => {
    const added = await add(...throttle, '--json')
    expect(added.code).toBe(0)
    const listed = await picket('list', '--json')
    expect(listed.out).toBe(added.out)
    const [one] = (await stored()).decisions
    expect(Object.entries(JSON.parse(listed.out))).toEqual([
      ['id', one?.id],
      ['scope', 'ip'],
      ['value', '203.0.113.9'],
      ['type', 'throttle'],
      ['rate', '5/m'],
      ['from', new Date(one?.from ?? 0).toISOString()],
      ['until', new Date((one?.from ?? 0) + 900_000).toISOString()],
      ['reason', 'scraping'],
      ['by', 'person:ann'],
    ])
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect((await add(...throttle, '--ttl', '30m')).out).toContain('it counts from its next start')
    const [renewed, ...more] = (await stored()).decisions
    expect(more).toEqual([])
    expect(renewed?.from).toBe(one?.from)
    expect(renewed?.until).toBeGreaterThan(one?.until ?? 0)
  })

  it('lists what is in force, the first to end first', async () => {
    await commit({
      decisions: [
        decision(),
        decision({ ...current, id: 'd-2' }),
        decision({ ...current, id: 'd-3', until: current.until - 1 }),
      ],
    })
    expect((await picket('list', '--json')).out.match(/d-\d/g)).toEqual(['d-3', 'd-2'])
    expect((await picket('list')).out).toMatch(/throttle 5\/m/)
  })

  it('refuses what is protected, by default and by configuration, with the rule', async () => {
    const config = join(folder, 'picket.yaml')
    writeFileSync(config, 'response: { protected: { principals: [alice] } }\n')
    const loopback = await add('--scope', 'ip', '--value', '127.0.0.1', '--type', 'deny')
    expect(loopback).toMatchObject({
      code: 4,
      err: expect.stringContaining('refused (protected): ip 127.0.0.1'),
    })
    const alice = await add(
      '--config',
      config,
      '--scope',
      'principal',
      '--value',
      'alice',
      '--type',
      'revoke',
    )
    expect(alice).toMatchObject({ code: 4, err: expect.stringContaining('refused (protected)') })
    expect((await stored()).decisions).toEqual([])
  })

  it('refuses while the kill-switch file of the data folder is there', async () => {
    writeFileSync(join(folder, 'kill-switch'), '')
    const ran = await add(...throttle)
    expect(ran).toMatchObject({ code: 4, err: expect.stringContaining('refused (kill_switch)') })
  })

  it('names everything that is wrong with a request', async () => {
    const ran = await add('--scope', 'ip', '--value', 'x', '--type', 'deny', '--rate', '5/m', '--ttl', 'soon')
    expect(ran.code).toBe(2)
    expect(ran.err).toContain("ttl: 'soon' is not a duration")
    const both = await add(
      '--scope',
      'ip',
      '--value',
      'x',
      '--type',
      'throttle',
      '--rate',
      'often',
      '--ttl',
      'soon',
    )
    expect(both.err).toContain("rate: 'often' is not a rate")
    expect(both.err).toContain("ttl: 'soon'")
    expect((await add('--scope', 'ip', '--value', 'x', '--type', 'throttle')).err).toContain(
      'a throttle needs a rate',
    )
    expect((await add('--scope', 'ip', '--value', 'x', '--type', 'deny', '--rate', '5/m')).err).toContain(
      'a rate is for throttle only',
    )
    const noIp = await add('--scope', 'ip', '--value', 'x', '--type', 'deny')
    expect(noIp).toMatchObject({ code: 2, err: expect.stringMatching(/^'x' is no id of an ip: write one/) })
    const network = await add('--scope', 'network', '--value', '203.0.113.0/25', '--type', 'deny')
    expect(network).toMatchObject({ code: 2, err: expect.stringContaining('a /24 of IPv4 or a /48 of IPv6') })
    const nobody = await add('--scope', 'ip', '--value', '0.0.0.0', '--type', 'deny')
    expect(nobody).toMatchObject({ code: 2, err: expect.stringContaining('the unspecified address') })
    for (const reason of ['', '  ']) {
      const unsaid = await add(...throttle, '--reason', reason)
      expect(unsaid).toMatchObject({
        code: 2,
        err: 'reason: is empty; write a sentence for whoever meets it',
      })
    }
    expect((await add(...throttle, '--reason', 'x'.repeat(513))).err).toBe(
      'reason: is longer than 512 characters',
    )
    expect((await stored()).decisions).toEqual([])
  })

  it('takes a day as 1d and as 24h', async () => {
    for (const day of ['1d', '24h', '1440m', '86400s'])
      expect(await add(...throttle, '--ttl', day)).toMatchObject({ code: 0 })
    expect((await add(...throttle, '--ttl', '2d')).err).toContain('must be between 1ms and 1d, not 2d')
  })

  it.each([
    ['route', '/login', 'every client that asks for /login'],
    ['network', '203.0.113.0/24', 'every client with an address in 203.0.113.0/24, 256 addresses'],
    ['tenant', 'acme', 'every user of the tenant acme'],
    ['fingerprint', 't13d1516h2', 'every client whose TLS fingerprint is t13d1516h2'],
  ])('binds a %s, which many clients share, only with --yes, and says whom', async (scope, value, whom) => {
    const asked = ['--scope', scope, '--value', value, '--type', 'deny']
    const refused = await add(...asked)
    expect(refused).toMatchObject({
      code: 4,
      out: '',
      err: expect.stringContaining(`this deny binds ${whom}`),
    })
    expect(refused.err).toContain('add --yes if that is meant')
    expect((await stored()).decisions).toEqual([])
    const added = await add(...asked, '--yes')
    expect(added).toMatchObject({ code: 0, err: expect.stringContaining(`this deny binds ${whom}`) })
    expect((await stored()).decisions).toMatchObject([{ scope, value }])
  })

  it('protects with --yes as without', async () => {
    const ran = await add('--scope', 'network', '--value', '10.0.0.0/24', '--type', 'deny', '--yes')
    expect(ran).toMatchObject({ code: 4, err: expect.stringContaining('refused (protected)') })
  })

  it('takes nothing back where there is no state, and makes none', async () => {
    const absent = join(folder, 'absent')
    const ran = await runPicket('decisions', 'remove', 'd-1', '--data-dir', absent)
    expect(ran).toMatchObject({ code: 4, err: expect.stringContaining(`there is no state in ${absent}`) })
    expect(existsSync(absent)).toBe(false)
  })

  it('takes back a decision of a playbook with an exemption, and its run shows it', async () => {
    const recent = finding({ last: Date.now() })
    const store = await openStateStore(folder)
    await store.commit({
      findings: [recent],
      runs: [run({ finding: recent })],
      journal: journal(store.term),
      decisions: [decision(current)],
    })
    await store.close()
    const ran = await picket('remove', 'd-1', '--by', 'ann', '--exempt-for', '2h')
    expect(ran).toMatchObject({
      code: 0,
      out: expect.stringContaining('taken back: throttle 5/m principal mallory'),
    })
    const { decisions, exemptions, runs, control } = await stored()
    expect(decisions).toEqual([])
    expect(exemptions).toMatchObject([
      { entity: { kind: 'principal', id: 'mallory' }, detector: 'jti-reuse', by: 'person:ann' },
    ])
    expect(exemptions[0]?.until).toBeGreaterThan(Date.now() + 7_000_000)
    expect(runs[0]?.steps[0]).toMatchObject({ status: 'refused', rule: 'exempt' })
    expect(control).toMatchObject([{ kind: 'decision', decision: 'd-1', inForce: false }])
  })

  it('leaves the work of a stopped run to the next start', async () => {
    const pending = run({ id: 'r-2', state: 'pending', finding: finding({ id: 'f-2', root: 'f-2' }) })
    const store = await openStateStore(folder)
    const intent = {
      kind: 'intent',
      key: 'k',
      term: store.term,
      run: 'r-2',
      step: 'revoke',
      action: 'revoke-token',
      at: 1,
    } as const
    await store.commit({ runs: [pending], journal: [intent], decisions: [decision()] })
    await store.close()
    await add(...throttle)
    await picket('remove', 'unknown')
    const after = await stored()
    expect(after.pendingRuns).toEqual([pending])
    expect(after.openIntents).toEqual([intent])
    expect(after.decisions.map(({ id }) => id)).toContain('d-1')
  })

  it('says when there is nothing to take back, and keeps the machine off by no exemption for a person', async () => {
    const ran = await picket('remove', 'd-9')
    expect(ran).toMatchObject({
      code: 4,
      err: expect.stringContaining("there is no decision 'd-9' in force"),
    })
    const { id } = JSON.parse((await add(...throttle, '--json')).out)
    expect((await picket('remove', id)).code).toBe(0)
    expect(await stored()).toMatchObject({ decisions: [], exemptions: [] })
  })

  it('reads with a broken configuration when the folder is named, and refuses to act under it', async () => {
    const config = join(folder, 'picket.yaml')
    mkdirSync(join(folder, 'sub'))
    writeFileSync(config, 'response: { protected: [] }\n')
    expect((await picket('list', '--config', config)).code).toBe(0)
    expect((await add('--config', config, ...throttle)).code).toBe(2)
    expect((await stored()).decisions).toEqual([])
  })
})
