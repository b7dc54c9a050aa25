import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeadLetter } from '../../core/event/refusal.ts'
import { openStateStore, type SqliteStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { runPicket } from '../testing/run-picket.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-dead-letters-'))
const ansi = '\u001b[2J\u202e"x'
// Stays open in all tests: the command must work beside a running `picket run`.
let store: SqliteStateStore

function letter(offset: number, over: Partial<DeadLetter> = {}, source = 'gateway'): DeadLetter {
  const position = { source, partition: 'access:0', offset }
  return { position, reason: 'not_parsable', detail: 'no JSON', raw: `line ${offset}`, ...over }
}

const letters = [
  letter(1),
  letter(2, { reason: 'time_step', detail: 'off by more than 24 h' }),
  letter(3, { raw: `${ansi}${'a'.repeat(4000)}`, detail: ansi }),
  letter(4, {}, `file ${ansi}`),
]

beforeAll(async () => {
  store = await openStateStore(folder)
  await store.commit({ deadLetters: letters.slice(0, 2) })
  await store.commit({ deadLetters: letters.slice(2) })
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const list = (...args: string[]) => runPicket('dead-letters', 'list', '--data-dir', folder, ...args)

describe('picket dead-letters list', () => {
  it('prints where, why and what, in the order in which it was refused', async () => {
    const { out, code, err } = await list('--source', 'gateway', '--limit', '2')
    expect(code).toBe(0)
    const [heading, second, third, end] = out.split('\n')
    expect(heading).toMatch(/^POSITION +REASON +WHY +INPUT$/)
    expect(second).toMatch(/^gateway:access:0:2 +time_step +off by more than 24 h +line 2$/)
    expect(third).toMatch(/^gateway:access:0:3 +not_parsable +\\u\{1b\}\[2J\\u\{202e\}"x +.*…$/)
    expect([end, err]).toEqual(['', '1 older not shown; --limit 3 shows all\n'])
  })

  it('is the default, shows nothing that a terminal obeys, and cuts long input', async () => {
    const { out, err } = await runPicket('dead-letters', '--data-dir', folder)
    expect(out.trim().split('\n')).toHaveLength(5)
    expect(out).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThan(300)
    expect(err).toBe('')
  })

  it('prints all of it as JSON, one object a line', async () => {
    const { out } = await list('--json')
    expect(out).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(letters.map(({ position, ...rest }) => ({ ...position, ...rest })))
  })

  it('filters by source and reason', async () => {
    const offsets = async (...args: string[]) =>
      [...(await list('--json', ...args)).out.matchAll(/"offset":(\d+)/g)].map(([, offset]) => Number(offset))
    expect(await offsets('--reason', 'time_step')).toEqual([2])
    expect(await offsets('--reason', 'not_parsable', '--limit', '2')).toEqual([3, 4])
    expect(await offsets('--source', `file ${ansi}`)).toEqual([4])
    expect((await list('--source', 'none')).out).toBe('no dead letters\n')
  })

  it.each(['0', '-1', '1.5', 'all', ''])('refuses --limit %j', async (limit) => {
    await expect(list('--limit', limit)).rejects.toMatchObject({ exitCode: 2 })
  })

  it('says where it looked when there is no state', async () => {
    const absent = join(folder, 'absent')
    const ran = await runPicket('dead-letters', 'list', '--data-dir', absent)
    expect(ran).toMatchObject({ code: 4, err: expect.stringContaining(`there is no state in ${absent}`) })
  })
})
