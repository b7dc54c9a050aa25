import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Decision } from '../../core/decision/decision.ts'
import type { Finding } from '../../core/detector/finding.ts'
import { packsOf, unpack } from '../../core/engine/entity-pack.ts'
import { partitionKey } from '../../core/event/position.ts'
import type { EntityPack, EntityRecord, StateStore } from '../../core/ports/state-store.ts'
import type { JournalEntry } from '../../core/response/journal.ts'
import type { Run } from '../../core/response/run.ts'
import type { StateLogs } from '../../storage/sqlite/state-logs.ts'

export type StateStoreUnderTest = StateStore & StateLogs

/** An implementation, and how a test gets at a store of it. */
export interface StateStoreSubject {
  readonly name: string
  /** A new and empty store. */
  open(): Promise<StateStoreUnderTest>
  /** Opens the state of a closed store again, as a restart does. */
  reopen(store: StateStoreUnderTest): Promise<StateStoreUnderTest>
  /** Opens the state of a store that is still open, as after its lock was lost. */
  takeOver(store: StateStoreUnderTest): Promise<StateStoreUnderTest>
}

/** Text that an attacker may bring into any key or field. */
export const hostileTexts = [
  '__proto__',
  '"quoted"',
  "'; DROP TABLE findings; --",
  'nul\0inside',
  'lone \ud800 surrogate',
  'another \udfff surrogate',
  '\u001b[31mred\u0007 \u202e right to left',
  '😀 \u2028 \ufeff',
  '',
  '\\u0000',
  'a'.repeat(100_000),
]

export function findingOf(id: string, last: number, more: Partial<Finding> = {}): Finding {
  return {
    id,
    space: 'default',
    lane: 'live',
    detector: 'sequential-enumeration',
    version: 1,
    entity: { kind: 'ip', id: '192.0.2.7' },
    period: 0,
    state: 'final',
    severity: 'high',
    score: 0.9,
    first: last - 1000,
    last,
    evidence: { ids: 40 },
    manifest: 'm-1',
    root: id,
    ...more,
  }
}

export function runOf(id: string, finding: Finding, more: Partial<Run> = {}): Run {
  return {
    id,
    space: 'default',
    lane: 'live',
    playbook: 'contain-enumeration',
    digest: 'd-1',
    mode: 'enforce',
    finding,
    state: 'pending',
    steps: [{ step: 'slow-down', action: 'throttle', status: 'pending', at: 1 }],
    started: 1,
    ...more,
  }
}

export function journalOf(
  kind: JournalEntry['kind'],
  key: string,
  more: Partial<JournalEntry> = {},
): JournalEntry {
  return { kind, key, term: 99, run: 'r-1', step: 'slow-down', action: 'throttle', at: 1, ...more }
}

export function decisionOf(id: string, more: Partial<Decision> = {}): Decision {
  return {
    id,
    scope: 'ip',
    value: '192.0.2.7',
    type: 'throttle',
    rate: { count: 5, perMs: 60_000 },
    from: 1,
    until: 2,
    reason: 'walks order ids',
    by: 'playbook:contain-enumeration',
    ...more,
  }
}

async function packsIn(store: StateStore): Promise<EntityPack[]> {
  const packs: EntityPack[] = []
  for await (const pack of store.packs()) packs.push(pack)
  return packs
}

function recordOf(entity: string, text: string | undefined, version = 1): EntityRecord {
  const bytes = text === undefined ? undefined : new TextEncoder().encode(text)
  return { detector: 'sequential-enumeration', version, entity, bytes }
}

async function textsOf(store: StateStore): Promise<Record<string, string>> {
  const texts: Record<string, string> = {}
  for (const { version, entity, bytes } of unpack(await packsIn(store))) {
    if (bytes === undefined) delete texts[`${version} ${entity}`]
    else texts[`${version} ${entity}`] = new TextDecoder().decode(bytes)
  }
  return texts
}

/** What every state store must do, whatever it is kept in. */
export function runStateStoreContract(subject: StateStoreSubject): void {
  describe(`${subject.name}: state store contract`, () => {
    let store: StateStoreUnderTest
    beforeEach(async () => {
      store = await subject.open()
    })
    afterEach(async () => {
      await store.close()
    })
    const restart = async () => {
      await store.close()
      store = await subject.reopen(store)
    }
    const contract: Contract = { subject, current: () => store, restart }
    describe('detection state', () => detectionTests(contract))
    describe('findings and logs', () => logTests(contract))
    describe('journal and runs', () => runTests(contract))
    describe('decisions and exemptions', () => decisionTests(contract))
    describe('transactions', () => transactionTests(contract))
    describe('openings', () => openingTests(contract))
    describe('hostile and large', () => hostileTests(contract))
  })
}

interface Contract {
  readonly subject: StateStoreSubject
  current(): StateStoreUnderTest
  restart(): Promise<void>
}

function detectionTests({ current, restart }: Contract): void {
  it('starts empty', async () => {
    const empty = {
      positions: new Map(),
      marks: new Map(),
      decisions: [],
      exemptions: [],
      pendingRuns: [],
      openIntents: [],
      openFindings: [],
    }
    expect(await current().restore()).toEqual(empty)
    expect(await packsIn(current())).toEqual([])
    expect(await current().findings()).toEqual([])
  })

  it('keeps the last state of positions, marks, entities and findings over a restart', async () => {
    const gateway = partitionKey('gateway', 'events:0')
    await current().commit({
      positions: new Map([
        [gateway, 7],
        [partitionKey('file', 'b'), 0],
      ]),
      marks: [
        { key: 'watermark', value: '1' },
        { key: 'other', value: 'stays' },
      ],
      packs: packsOf([
        recordOf('ip:1', 'a'),
        recordOf('ip:2', 'b'),
        recordOf('ip:1', 'v2', 2),
        recordOf('ip:3', ''),
      ]),
      findings: [findingOf('f-1', 2000, { state: 'provisional' }), findingOf('f-2', 1000)],
    })
    await current().commit({
      positions: new Map([[gateway, Number.MAX_SAFE_INTEGER]]),
      marks: [{ key: 'watermark', value: '2' }],
      packs: packsOf(
        [recordOf('ip:1', 'changed'), recordOf('ip:2', undefined), recordOf('ip:9', undefined)],
        2,
      ),
      findings: [findingOf('f-1', 3000.25)],
    })
    await restart()
    const { positions, marks } = await current().restore()
    expect([...positions].sort()).toEqual([
      [partitionKey('file', 'b'), 0],
      [gateway, Number.MAX_SAFE_INTEGER],
    ])
    expect(Object.fromEntries(marks)).toEqual({ watermark: '2', other: 'stays' })
    expect(await textsOf(current())).toEqual({ '1 ip:1': 'changed', '2 ip:1': 'v2', '1 ip:3': '' })
    expect(await current().findings()).toEqual([findingOf('f-2', 1000), findingOf('f-1', 3000.25)])
  })
}

function logTests({ current, restart }: Contract): void {
  it('finds findings by id and by time, in the order of (last, id)', async () => {
    const findings = ['c', 'a', 'b'].map((id) => findingOf(id, id === 'c' ? 5 : 10))
    await current().commit({ findings })
    const ids = async (filter: { id?: string; since?: number }) =>
      (await current().findings(filter)).map(({ id }) => id)
    expect(await ids({})).toEqual(['c', 'a', 'b'])
    expect(await ids({ since: 10 })).toEqual(['a', 'b'])
    expect(await ids({ since: 10.5 })).toEqual([])
    expect(await ids({ id: 'c' })).toEqual(['c'])
    expect(await ids({ id: 'c', since: 6 })).toEqual([])
    expect(await ids({ id: 'd' })).toEqual([])
  })

  it('restores the findings of the last 48 hours of event time', async () => {
    const hours = (count: number) => count * 3_600_000
    const findings = [0, 51, 52, 100].map((hour) => findingOf(`f-${hour}`, hours(hour)))
    await current().commit({ findings })
    const { openFindings } = await current().restore()
    expect(openFindings.map(({ id }) => id)).toEqual(['f-52', 'f-100'])
  })

  it('keeps the newest 10,000 dead letters, and the control log in order', async () => {
    const letter = (offset: number) => ({
      position: { source: 's', partition: 'p', offset },
      reason: 'too_long' as const,
      detail: 'x',
      raw: `line ${offset}`,
    })
    await current().commit({ deadLetters: [letter(0), letter(1), letter(2)] })
    await current().commit({ deadLetters: Array.from({ length: 9_998 }, (_, index) => letter(index + 3)) })
    await current().commit({ control: [{ kind: 'watermark', at: 5 }] })
    await current().commit({ control: [{ kind: 'manifest', at: 4, digest: 'm' }] })
    await restart()
    const letters = await current().deadLetters()
    expect([letters.length, letters[0], letters.at(-1)]).toEqual([10_000, letter(1), letter(10_000)])
    expect(await current().deadLetters(2)).toEqual([letter(9_999), letter(10_000)])
    const flood = Array.from({ length: 10_001 }, (_, index) => letter(index))
    await current().commit({ deadLetters: flood })
    expect((await current().deadLetters()).map(({ position }) => position.offset)).toEqual(
      flood.slice(1).map(({ position }) => position.offset),
    )
    expect(await current().controlLog()).toEqual([
      { kind: 'watermark', at: 5 },
      { kind: 'manifest', at: 4, digest: 'm' },
    ])
  })

  it('keeps texts under their digests for ever, and gives a record of what was judged at one moment', async () => {
    const control = [{ kind: 'manifest', at: 4, digest: 'm' } as const]
    const snapshots = [{ digest: 'm', text: 'first' }]
    await current().commit({ positions: new Map([['p', 7]]), control, snapshots })
    await current().commit({
      snapshots: [
        { digest: 'm', text: 'other' },
        { digest: 'n', text: '\u0000"' },
      ],
    })
    await restart()
    const { positions, ...recorded } = await current().recording()
    expect([...positions]).toEqual([['p', 7]])
    expect(recorded).toMatchObject({
      control,
      snapshots: new Map([
        ['m', 'first'],
        ['n', '\u0000"'],
      ]),
    })
  })
}

function runTests({ current, restart }: Contract): void {
  it('finds intents and attempts without a later result after a restart, in order', async () => {
    await current().commit({ journal: [journalOf('intent', 'done'), journalOf('intent', 'tried')] })
    await current().commit({ journal: [journalOf('attempt', 'done'), journalOf('attempt', 'tried')] })
    await current().commit({ journal: [journalOf('result', 'done', { status: 'applied' })] })
    await current().commit({ journal: [journalOf('undo', 'done'), journalOf('expired', 'other')] })
    await current().commit({
      journal: [journalOf('intent', 'meant', { until: 5 }), journalOf('intent', 'again')],
    })
    await current().commit({
      journal: [journalOf('result', 'again'), journalOf('attempt', 'again', { at: 9 })],
    })
    await restart()
    expect((await current().restore()).openIntents).toEqual([
      journalOf('intent', 'tried'),
      journalOf('attempt', 'tried'),
      journalOf('intent', 'meant', { until: 5 }),
      journalOf('attempt', 'again', { at: 9 }),
    ])
  })

  it('gives the journal of a run in the order of writing, equal entries included', async () => {
    const entries = [
      journalOf('intent', 'k', { at: 9 }),
      journalOf('attempt', 'k'),
      journalOf('attempt', 'k'),
    ]
    await current().commit({ journal: [...entries, journalOf('intent', 'k', { run: 'r-2' })] })
    expect(await current().journal('r-1')).toEqual(entries)
    expect(await current().journal('r-3')).toEqual([])
  })

  it('restores pending runs, and finds the runs of a chain by any of its findings', async () => {
    const first = findingOf('f-1', 1)
    const second = findingOf('f-2', 2, { continues: 'f-1', root: 'f-1' })
    const newest = findingOf('f-3', 3, { continues: 'f-2', root: 'f-1' })
    const other = findingOf('g-1', 1)
    await current().commit({
      findings: [first, second, newest, other],
      runs: [runOf('r-2', other, { started: 5 }), runOf('r-1', first, { started: 6 })],
    })
    await current().commit({
      runs: [runOf('r-1', newest, { started: 6 }), runOf('r-2', other, { state: 'done' })],
    })
    await restart()
    expect((await current().restore()).pendingRuns).toEqual([runOf('r-1', newest, { started: 6 })])
    expect((await current().runs()).map(({ id }) => id)).toEqual(['r-2', 'r-1'])
    for (const finding of ['f-1', 'f-2', 'f-3']) {
      expect((await current().runs({ finding })).map(({ id }) => id)).toEqual(['r-1'])
    }
    expect(await current().runs({ finding: 'g-1' })).toEqual([runOf('r-2', other, { state: 'done' })])
    expect(await current().runs({ finding: 'none' })).toEqual([])
  })
}

function decisionTests({ current, restart }: Contract): void {
  it('keeps decisions until they are removed; a removal wins over an upsert beside it', async () => {
    await current().commit({ decisions: [decisionOf('d-2'), decisionOf('d-1'), decisionOf('d-3')] })
    await current().commit({
      decisions: [decisionOf('d-1', { until: 9 }), decisionOf('d-2', { until: 9 })],
      decisionsRemoved: ['d-2', 'unknown'],
    })
    await restart()
    const expected = [decisionOf('d-1', { until: 9 }), decisionOf('d-3')]
    expect(await current().decisions()).toEqual(expected)
    expect((await current().restore()).decisions).toEqual(expected)
  })

  it('keeps one exemption for an entity and detector', async () => {
    const entity = { kind: 'ip', id: '192.0.2.7' } as const
    const exemption = { entity, until: 5, by: 'ana', reason: 'our own scanner' }
    await current().commit({ exemptions: [exemption, { ...exemption, detector: 'jti-reuse' }] })
    await current().commit({ exemptions: [{ ...exemption, until: 6 }] })
    await restart()
    const { exemptions } = await current().restore()
    expect(exemptions).toHaveLength(2)
    expect(exemptions).toContainEqual({ ...exemption, until: 6 })
    expect(exemptions).toContainEqual({ ...exemption, detector: 'jti-reuse' })
  })
}

function transactionTests({ current, restart }: Contract): void {
  const everything = (finding: Finding, offset: number) => ({
    positions: new Map([['p', offset]]),
    packs: packsOf([recordOf('ip:1', String(offset))]),
    marks: [{ key: 'm', value: String(offset) }],
    findings: [finding],
    journal: [journalOf('intent', 'k')],
    decisions: [decisionOf('d')],
    deadLetters: [],
    control: [{ kind: 'watermark', at: offset } as const],
  })
  const contentOf = async (store: StateStoreUnderTest) => ({
    restored: await store.restore(),
    entities: await textsOf(store),
    findings: await store.findings(),
    journal: await store.journal('r-1'),
    control: await store.controlLog(),
  })

  it('writes nothing of a commit that fails', async () => {
    await current().commit(everything(findingOf('f-1', 1), 1))
    const before = await contentOf(current())
    const circular: Record<string, unknown> = {}
    circular.self = circular
    const failing = [
      everything(findingOf('f-2', 2, { evidence: { count: 1n } }), 2),
      everything(findingOf('f-2', 2, { evidence: circular }), 2),
      everything(findingOf('f-2', Number.NaN), 2),
      everything(findingOf('f-2', 2), -1),
      everything(findingOf('f-2', 2), 1.5),
      { ...everything(findingOf('f-2', 2), 2), packs: packsOf([recordOf('ip:1', 'x', 0.5)]) },
      {
        ...everything(findingOf('f-2', 2), 2),
        decisions: [decisionOf('d', { until: Number.POSITIVE_INFINITY })],
      },
    ]
    for (const changes of failing) {
      await expect(current().commit(changes)).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringContaining('cannot be stored'),
      })
    }
    expect(await contentOf(current())).toEqual(before)
    await restart()
    expect(await contentOf(current())).toEqual(before)
    await current().commit(everything(findingOf('f-2', 2), 2))
    expect((await current().restore()).positions.get('p')).toBe(2)
  })

  it('takes the same changes twice, as when the first time found the disk full', async () => {
    const changes = everything(findingOf('f-1', 1), 1)
    await current().commit({ ...changes, journal: [] })
    await current().commit(changes)
    await restart()
    expect(await textsOf(current())).toEqual({ '1 ip:1': '1' })
  })

  it('keeps the packs of each log in the order of their numbers, until a later one lets them go', async () => {
    const pack = (number: number, oldest: number, more: Partial<EntityPack> = {}): EntityPack => ({
      ...(packsOf([recordOf('p1 ip:1', String(number))], number)[0] as EntityPack),
      oldest,
      ...more,
    })
    const numbers = async () =>
      (await packsIn(current())).map(({ version, part, number }) => `${version} ${part} ${number}`).sort()
    await current().commit({ packs: [pack(9, 1), pack(9, 1, { part: 'slice' }), pack(9, 1, { version: 2 })] })
    await current().commit({ packs: [pack(10, 9)] })
    await current().commit({ packs: [pack(11, 9)] })
    expect(
      (await packsIn(current())).filter(({ version, part }) => version === 1 && part === 'pane'),
    ).toMatchObject([{ number: 9 }, { number: 10 }, { number: 11 }])
    await current().commit({ packs: [pack(12, 11)] })
    await restart()
    expect(await numbers()).toEqual(['1 pane 11', '1 pane 12', '1 slice 9', '2 pane 9'])
  })

  it('is separate from what was given and from what it gave', async () => {
    const bytes = new TextEncoder().encode('ab')
    const evidence = { ids: [1] }
    const entity = { detector: 'd', version: 1, entity: 'ip:1', bytes: bytes.subarray(1) }
    await current().commit({ packs: packsOf([entity]), findings: [findingOf('f', 1, { evidence })] })
    bytes.fill(0)
    evidence.ids.push(2)
    for (const { bytes: read } of await packsIn(current())) read.fill(0, 1)
    expect(await textsOf(current())).toEqual({ '1 ip:1': 'b' })
    const [finding] = await current().findings()
    expect(finding?.evidence).toEqual({ ids: [1] })
  })
}

function openingTests({ subject, current, restart }: Contract): void {
  it('grows its term with every opening, and refuses commits and journal entries of an older one', async () => {
    const older = current()
    await older.commit({ marks: [{ key: 'm', value: 'older' }] })
    const newer = await subject.takeOver(older)
    try {
      expect(newer.term).toBe(older.term + 1)
      const fenced = { code: 'fenced', message: expect.stringMatching(/must (stop acting|not act)$/) }
      await expect(older.commit({ marks: [{ key: 'm', value: 'too late' }] })).rejects.toMatchObject(fenced)
      const entry = journalOf('intent', 'k', { term: older.term })
      await expect(newer.commit({ journal: [entry] })).rejects.toMatchObject(fenced)
      await newer.commit({ journal: [{ ...entry, term: newer.term }] })
      const { marks, openIntents } = await newer.restore()
      expect([marks.get('m'), openIntents.length]).toEqual(['older', 1])
    } finally {
      await newer.close()
    }
    await restart()
    expect(current().term).toBe(older.term + 2)
  })

  it('says that it is closed', async () => {
    await current().close()
    await current().close()
    await expect(current().commit({})).rejects.toMatchObject({ code: 'closed' })
    await expect(current().restore()).rejects.toMatchObject({ code: 'closed' })
  })
}

function hostileTests({ current, restart }: Contract): void {
  it('gives hostile text back as it was, in keys and in values', async () => {
    const evidence = {
      texts: hostileTexts,
      ['__proto__' as string]: 1,
      nested: JSON.parse('{"__proto__": [1]}'),
    }
    const findings = hostileTexts.map((text, index) => findingOf(text, index, { evidence, manifest: text }))
    await current().commit({
      positions: new Map(hostileTexts.map((text, index) => [partitionKey(text, text), index])),
      marks: hostileTexts.map((text) => ({ key: text, value: text })),
      packs: hostileTexts.flatMap((text) =>
        packsOf([{ ...recordOf(`ip:${text}`, 'state'), detector: text }]),
      ),
      findings,
      runs: findings.map((finding) => runOf(finding.id, finding)),
      journal: hostileTexts.map((text) => journalOf('intent', text, { run: text, detail: text })),
      decisions: hostileTexts.map((text) => decisionOf(text, { value: text })),
    })
    await restart()
    const restored = await current().restore()
    expect(restored.positions).toEqual(
      new Map(hostileTexts.map((text, index) => [partitionKey(text, text), index])),
    )
    expect(restored.marks).toEqual(new Map(hostileTexts.map((text) => [text, text])))
    expect(await current().findings()).toEqual(findings)
    expect(restored.pendingRuns).toHaveLength(hostileTexts.length)
    expect(new Set(restored.decisions.map(({ id }) => id))).toEqual(new Set(hostileTexts))
    const names = Array.from(unpack(await packsIn(current())), ({ detector, entity }) => [detector, entity])
    expect(names.sort()).toEqual(hostileTexts.map((text) => [text, `ip:${text}`]).sort())
    for (const text of hostileTexts) {
      expect(await current().findings({ id: text })).toHaveLength(1)
      expect(await current().runs({ finding: text })).toHaveLength(1)
      expect(await current().journal(text)).toEqual([journalOf('intent', text, { run: text, detail: text })])
    }
    await current().commit({ decisionsRemoved: hostileTexts })
    expect(await current().decisions()).toEqual([])
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
  })

  it('takes 100,000 records, and streams them back while commits go on', async () => {
    const count = 100_000
    const bytes = new Uint8Array(200)
    for (let start = 0; start < count; start += 10_000) {
      const entities = Array.from({ length: 10_000 }, (_, index) => {
        return { detector: 'd', version: 1, entity: `ip:${start + index}`, bytes: bytes.fill(start / 10_000) }
      })
      await current().commit({ packs: packsOf(entities, start / 10_000 + 1) })
    }
    await restart()
    const seen = new Set<string>()
    let wrong = 0
    for await (const pack of current().packs()) {
      for (const record of unpack([pack])) {
        seen.add(record.entity)
        const batch = Math.floor(Number(record.entity.slice(3)) / 10_000)
        if (record.bytes?.length !== 200 || record.bytes[199] !== batch) wrong += 1
      }
      await current().commit({ marks: [{ key: 'seen', value: String(seen.size) }] })
    }
    expect([seen.size, wrong]).toEqual([count, 0])
    expect((await current().restore()).marks.get('seen')).toBe('100000')
  })
}
