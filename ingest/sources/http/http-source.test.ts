import { request } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { pushedPlace } from '../../../test/contracts/pushed-place.ts'
import { runSourceContract } from '../../../test/contracts/source-contract.ts'
import { HttpSource, type HttpSourceOptions } from './http-source.ts'
import { type Durable, nothingDurable, type ReadSource, readSource } from './testing/read-source.ts'

const token = '0123456789abcdef'
const bearer = `Bearer ${token}`
/** For a machine that pauses. */
const patience = { timeout: 20_000 }

for (const [name, contentType, body] of [
  ['lines', 'text/plain', (lines: readonly string[]) => gzipSync(lines.join('\n'))],
  ['arrays', 'application/json', (lines: readonly string[]) => JSON.stringify(lines)],
] as const) {
  runSourceContract({
    name: `HttpSource of ${name}`,
    partitions: 1,
    provide: async ([lines = []]) =>
      pushedPlace(lines, () => {
        const source = new HttpSource({ id: 'http', host: '127.0.0.1', port: 0, token })
        return {
          source,
          partition: 'events',
          async send(from, to) {
            const { status } = await fetch(`http://127.0.0.1:${source.port}/v1/events`, {
              method: 'POST',
              body: body(lines.slice(from, to)),
              headers: {
                authorization: bearer,
                'content-type': contentType,
                ...(name === 'lines' && { 'content-encoding': 'gzip' }),
              },
            })
            expect(status).toBe(200)
          },
        }
      }),
    ...(name === 'arrays' && { lineOf: (record) => JSON.parse(record) as string }),
  })
}

const opened: ReadSource[] = []
afterEach(async () => {
  for (const reading of opened.splice(0)) await reading.stop()
})

interface Started {
  readonly reading: ReadSource
  readonly durable: Durable
  readonly url: string
  send(body: string | Uint8Array<ArrayBuffer>, headers?: Record<string, string>): Promise<Response>
}

async function start(
  options: Partial<HttpSourceOptions> & { readonly auto?: boolean } = {},
  durable = nothingDurable(),
): Promise<Started> {
  const { auto = true, ...rest } = options
  const source = new HttpSource({
    id: 'http',
    host: '127.0.0.1',
    port: 0,
    token,
    marks: durable.marks,
    ...rest,
  })
  const reading = readSource(source, durable, auto)
  opened.push(reading)
  await vi.waitFor(() => expect(reading.kinds).toContain('opened'), patience)
  const url = `http://127.0.0.1:${source.port}/v1/events`
  const send = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson', ...headers },
    })
  return { reading, durable, url, send }
}

const json = { 'content-type': 'application/json' }
const gzip = { 'content-encoding': 'gzip' }

/** Neither answered nor failed while the turns of the loop go on. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false
  promise.then(
    () => (isSettled = true),
    () => (isSettled = true),
  )
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
  return !isSettled
}

describe('bodies', () => {
  it.each([
    ['lines', 'a\nb\r\n\n!c', {}, ['a', 'b', '!c']],
    [
      'an array',
      '\ufeff [ {"a":"],[\\""} ,\n[1], 2,null,"!" ]\n',
      json,
      ['{"a":"],[\\""}', '[1]', '2', 'null', '"!"'],
    ],
    ['one value', ' {"a":\n1} ', json, ['{"a":\n1}']],
    ['values one after the other', '{"a":1}{"b":2}\n3', json, ['{"a":1}', '{"b":2}', '3']],
    ['an array called lines', ' [1,2]', {}, ['1', '2']],
    [
      'lines of a log that begin as an array does',
      '[a\n[b',
      { 'content-type': 'text/plain; charset=utf-8' },
      ['[a', '[b'],
    ],
    ['gzip', gzipSync('a\nb'), gzip, ['a', 'b']],
    ['gzip of two members', Buffer.concat([gzipSync('a\n'), gzipSync('b')]), gzip, ['a', 'b']],
    ['nothing', '', {}, []],
    ['an empty array', '[]', json, []],
  ])('%s', async (_name, body, headers, records) => {
    const { send, durable } = await start()
    const response = await send(body, headers)
    expect(response.status).toBe(200)
    const refused = records.filter((text) => text.startsWith('!')).length
    expect(await response.json()).toEqual({ accepted: records.length - refused, refused })
    expect(durable.records).toEqual(records)
  })

  it.each([
    ['[1 2]', 'line 1, byte 3: a comma'],
    ['[1,\n2', 'line 1, byte 0: the array that begins here has no end'],
    ['[1,\n\n{"a":"b]', 'line 3, byte 10: the text'],
    ['[1,\n{"a":[1}', 'line 2, byte 4: the value that begins here has no end'],
    ['[1,]', 'byte 3: a value is missing'],
    ['[1]\n[2]', 'line 2, byte 4: something follows'],
    [',', 'a value is missing'],
    ['{"a":1},{"a":2}', 'byte 7: a value is missing'],
  ])('%s is refused whole, with the place', async (body, why) => {
    const { send, durable } = await start()
    const response = await send(body, json)
    expect(response.status).toBe(400)
    expect(((await response.json()) as { error: string }).error).toContain(why)
    expect(durable.records).toEqual([])
  })

  it('a record over the limit is cut and flagged, in lines and in arrays', async () => {
    const { send, reading } = await start()
    for (const [body, headers] of [
      [`${'x'.repeat(70_000)}\ny`, {}],
      [`["${'x'.repeat(70_000)}",1]`, json],
    ] as const) {
      expect((await send(body, headers)).status).toBe(200)
      expect(reading.last.map(({ start, end, truncated }) => [end - start, truncated])).toEqual([
        [4096, true],
        [1, undefined],
      ])
    }
  })

  it.each([
    ['a body over the limit', 'x'.repeat(2_000_001), {}, 413],
    ['a body that inflates over the limit', gzipSync(Buffer.alloc(100e6)), gzip, 413],
    ['cut off gzip', gzipSync('x'.repeat(9999)).subarray(0, 30), gzip, 400],
    ['what is no gzip', 'hello', gzip, 400],
    ['another encoding', 'x', { 'content-encoding': 'br' }, 415],
    ['another charset', 'x', { 'content-type': 'application/json; charset=utf-16' }, 415],
    ['a form', 'x', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['too many records', '1\n'.repeat(60_000), {}, 413],
    ['too many elements', `[${'1,'.repeat(60_000)}1]`, json, 413],
    ['a key that is none', 'x', { 'idempotency-key': 'a b' }, 400],
    ['a key that is too long', 'x', { 'idempotency-key': 'k'.repeat(256) }, 400],
  ])('%s is refused, and takes no room', async (_name, body, headers, status) => {
    const { send, durable } = await start({ bodyBytesMax: 2e6, waitingBytesMax: 4e6 })
    for (let time = 0; time < 5; time++) expect((await send(body, headers)).status).toBe(status)
    expect((await send('a')).status).toBe(200)
    expect(durable.records).toEqual(['a'])
  })

  it.each([
    ['a body over the limit', '', '413'],
    ['what is no gzip', 'Content-Encoding: gzip\r\n', '400'],
  ])('%s, refused in the middle, does not hold up what comes behind it', async (_name, header, status) => {
    const { url, durable } = await start({ bodyBytesMax: 100_000 })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let answers = ''
    socket.on('error', () => {}).on('data', (chunk) => (answers += String(chunk)))
    const head = `POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearer}\r\nContent-Type: text/plain\r\n`
    const part = `2710\r\n${'x'.repeat(10_000)}\r\n`
    socket.write(`${head}${header}Transfer-Encoding: chunked\r\n\r\n${part.repeat(100)}0\r\n\r\n`)
    socket.write(`${head}Content-Length: 1\r\n\r\na`)
    await vi.waitFor(() => expect(answers.match(/(?<=HTTP\/1.1 )\d+/g)).toEqual([status, '200']), patience)
    expect(durable.records).toEqual(['a'])
    socket.destroy()
  })

  it('any bytes get an answer, and what is stored are lines of them', async () => {
    const { send, durable } = await start()
    const bytes = Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919 + (index >> 3)) & 0xff)
    for (let from = 0; from < 5000; from += 100) {
      const { status } = await send(bytes.subarray(from, from + 100), from % 200 === 0 ? json : {})
      expect([200, 400]).toContain(status)
    }
    expect(durable.records.length).toBeGreaterThan(20)
  })
})

describe('who may send', () => {
  it.each([undefined, 'Bearer', 'Bearer wrong', `Basic ${token}`, `Bearer ${token}x`])(
    'not %s',
    async (given) => {
      const { url, durable } = await start()
      const headers = { ...json, ...(given && { authorization: given }) }
      const response = await fetch(url, { method: 'POST', body: '[1]', headers })
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
      expect(durable.records).toEqual([])
    },
  )

  it('without a token every program, but no web page', async () => {
    const { url } = await start({ token: undefined })
    const post = (headers: Record<string, string>) =>
      fetch(url, { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain', ...headers } })
    expect((await post({})).status).toBe(200)
    expect((await post({ origin: 'https://evil.example' })).status).toBe(403)
  })

  it('other methods and paths are told what to do', async () => {
    const { url } = await start()
    const headers = { authorization: `Bearer ${token}` }
    expect((await fetch(url, { headers })).headers.get('allow')).toBe('POST')
    expect((await fetch(`${url}/x`, { method: 'POST', headers })).status).toBe(404)
  })

  it('the body is asked for only from those who may send it', async () => {
    const { url } = await start()
    const ask = (headers: Record<string, string>) =>
      new Promise<string>((resolve) => {
        const asked = request(url, { method: 'POST', headers: { expect: '100-continue', ...headers } })
        asked.on('continue', () => {
          resolve('continue')
          asked.destroy()
        })
        asked.on('response', ({ statusCode }) => resolve(String(statusCode)))
        asked.on('error', () => {})
        asked.flushHeaders()
      })
    const authorization = `Bearer ${token}`
    expect(await ask(json)).toBe('401')
    expect(await ask({ ...json, authorization, 'content-length': '9000000' })).toBe('413')
    expect(await ask({ ...json, authorization, 'content-length': '9' })).toBe('continue')
  })
})

describe('when it is answered', () => {
  it('only when the commit that holds the events is durable', async () => {
    const { send, reading } = await start({ auto: false })
    const first = send('a\nb')
    await vi.waitFor(() => expect(reading.taken).toBe(2), patience)
    expect(await isPending(first)).toBe(true)
    await reading.commit()
    expect((await first).status).toBe(200)
  })

  it('429 with Retry-After when too much waits, and goes on after the commit', async () => {
    const { send, reading } = await start({ auto: false, waitingBytesMax: 10_000 })
    const first = send('x'.repeat(11_000))
    await vi.waitFor(() => expect(reading.taken).toBe(1), patience)
    const refused = await send('b')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    await reading.commit()
    expect((await first).status).toBe(200)
    const second = send('b')
    await vi.waitFor(() => expect(reading.taken).toBe(2), patience)
    await reading.commit()
    expect((await second).status).toBe(200)
  })

  it('one connection that takes what it can leaves room for the others', async () => {
    const { url, send, reading } = await start({ auto: false, waitingBytesMax: 1_000_000 })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let answers = ''
    socket.on('error', () => {}).on('data', (chunk) => (answers += String(chunk)))
    // Larger than what one read of a socket gives, so that each is counted whole before the next is.
    const body = 'x'.repeat(60_000).padStart(70_000, '\n')
    const head = `POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearer}\r\nContent-Type: text/plain\r\n`
    const requests = 20
    for (let count = 0; count < requests; count++)
      socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`)
    // Half of the room, at 134 kB for a body and its record; what comes behind that is refused, however late it comes.
    const share = 4
    await vi.waitFor(() => expect(reading.taken).toBe(share), patience)
    const other = send(body)
    await vi.waitFor(() => expect(reading.taken).toBe(share + 1), patience)
    await reading.commit()
    expect((await other).status).toBe(200)
    // Answers come in the order of requests: those of the refused are behind those that wait for the commit. What arrives only
    // after it is taken again.
    await vi.waitFor(async () => {
      await reading.commit()
      expect(answers.match(/HTTP\/1.1 (200|429)/g)).toHaveLength(requests)
    }, patience)
    expect(answers).toContain('HTTP/1.1 429')
    socket.destroy()
  })

  it('a sender with a token of its own has a share of its own, over however many connections', async () => {
    const moreTokens = ['fedcba9876543210']
    const { send, reading } = await start({ auto: false, waitingBytesMax: 100_000, moreTokens })
    const waiting = [1, 2].map(() => send('x'.repeat(15_000)))
    await vi.waitFor(() => expect(reading.taken).toBe(2), patience)
    expect((await send('x'.repeat(30_000))).status).toBe(429)
    const other = send('y'.repeat(10_000), { authorization: `Bearer ${moreTokens[0]}` })
    await vi.waitFor(() => expect(reading.taken).toBe(3), patience)
    await reading.commit()
    expect((await Promise.all([...waiting, other])).map(({ status }) => status)).toEqual([200, 200, 200])
    expect((await send('z', { authorization: 'Bearer 0123456789abcdeX' })).status).toBe(401)
  })

  it('requests without content take room as well', async () => {
    const { send, reading } = await start({ auto: false, waitingBytesMax: 10_000 })
    const waiting = ['a', 'b', 'c'].map((line) => send(line))
    await vi.waitFor(() => expect(reading.taken).toBe(3), patience)
    expect((await send('d')).status).toBe(429)
    await reading.commit()
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200])
  })

  it('a body that grows beyond what is left gets 429 and leaves nothing', async () => {
    const { send, reading } = await start({ auto: false, waitingBytesMax: 100_000 })
    const first = send(`${'x'.repeat(60_000)}\n`)
    await vi.waitFor(() => expect(reading.taken).toBe(1), patience)
    expect((await send(gzipSync('y'.repeat(60_000)), gzip)).status).toBe(429)
    const small = send('z')
    await vi.waitFor(() => expect(reading.taken).toBe(2), patience)
    await reading.commit()
    expect([(await first).status, (await small).status]).toEqual([200, 200])
  })

  it('503 while the disk is full', async () => {
    let lacksRoom = true
    const { send } = await start({ lacksRoom: () => lacksRoom })
    const refused = await send('a')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10'])
    lacksRoom = false
    expect((await send('a')).status).toBe(200)
  })

  it('504 when the commit takes too long; the same key then waits for the same commit', async () => {
    const { send, reading, durable } = await start({ auto: false, storedMsMax: 20 })
    const key = { 'idempotency-key': 'k' }
    expect((await send('a', key)).status).toBe(504)
    expect((await send('a', key)).status).toBe(504)
    await reading.commit()
    const response = await send('a', key)
    expect([response.status, await response.json()]).toEqual([200, { accepted: 1, refused: 0 }])
    expect(durable.records).toEqual(['a'])
  })

  it('504 when it stops before it knows of the commit, and no answer to those who come later', async () => {
    const { send, reading } = await start({ auto: false })
    const waiting = [send('a'), send('b', { 'idempotency-key': 'k' })]
    await vi.waitFor(() => expect(reading.taken).toBe(2), patience)
    await reading.stop()
    for (const [response, advice] of [
      [await waiting[0], 'may be judged twice'],
      [await waiting[1], 'it is judged once'],
    ] as const) {
      expect([response?.status, response?.headers.get('retry-after')]).toEqual([504, '5'])
      expect(await response?.json()).toEqual({ error: expect.stringContaining(advice) })
    }
    await expect(send('c')).rejects.toThrow()
  })

  it('503 when it stops before anybody read what came', async () => {
    const lacksRoom = vi.fn(() => false)
    const source = new HttpSource({ id: 'http', host: '127.0.0.1', port: 0, token, lacksRoom })
    const batches = source.read(new Map(), new AbortController().signal)
    expect((await batches.next()).value).toMatchObject({ kind: 'opened' })
    const waiting = fetch(`http://127.0.0.1:${source.port}/v1/events`, {
      method: 'POST',
      body: 'a',
      headers: { authorization: bearer, 'content-type': 'text/plain' },
    })
    // Once before its body, and once with it.
    await vi.waitFor(() => expect(lacksRoom).toHaveBeenCalledTimes(2), patience)
    await batches.return(undefined)
    await source.close()
    const { status, headers } = await waiting
    expect([status, headers.get('retry-after')]).toEqual([503, '5'])
  })
})

describe('idempotency keys', () => {
  const key = (text: string) => ({ 'idempotency-key': text })

  it('a repeat is answered as the first was, and taken once; quotes make no difference', async () => {
    const { send, durable } = await start()
    const first = await send('a\n!b', key('k-1'))
    expect(first.headers.get('idempotent-replayed')).toBe(null)
    for (const same of ['k-1', '"k-1"']) {
      const again = await send('a\n!b', key(same))
      expect([again.status, await again.json()]).toEqual([200, { accepted: 1, refused: 1 }])
      expect(again.headers.get('idempotent-replayed')).toBe('true')
    }
    expect(durable.records).toEqual(['a', '!b'])
  })

  it('other content under the same key is refused, before and after the commit', async () => {
    const { send, reading, durable } = await start({ auto: false })
    const first = send('a', key('k'))
    await vi.waitFor(() => expect(reading.taken).toBe(1), patience)
    expect((await send('b', key('k'))).status).toBe(422)
    await reading.commit()
    expect((await first).status).toBe(200)
    expect((await send('b', key('k'))).status).toBe(422)
    expect(durable.records).toEqual(['a'])
  })

  it('two at once are one', async () => {
    const { send, reading, durable } = await start({ auto: false })
    const both = [send('a', key('k')), send('a', key('k'))]
    await vi.waitFor(() => expect(reading.taken).toBe(1), patience)
    expect(await isPending(Promise.race(both))).toBe(true)
    await reading.commit()
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200])
    expect(durable.records).toEqual(['a'])
  })

  it('after a restart what was committed is known, and what was not is taken', async () => {
    const durable = nothingDurable()
    const first = await start({ auto: false }, durable)
    const committed = first.send('a\n!x', key('done'))
    await vi.waitFor(() => expect(first.reading.taken).toBe(2), patience)
    await first.reading.commit()
    expect((await committed).status).toBe(200)
    const lost = first.send('b', key('lost'))
    await vi.waitFor(() => expect(first.reading.taken).toBe(3), patience)
    await first.reading.stop()
    expect((await lost).status).toBe(504)

    const second = await start({}, durable)
    expect(await (await second.send('a\n!x', key('done'))).json()).toEqual({ accepted: 1, refused: 1 })
    expect((await second.send('b', key('lost'))).headers.get('idempotent-replayed')).toBe(null)
    expect(durable.records).toEqual(['a', '!x', 'b'])
    expect(second.reading.last[0]?.offset).toBe(2)
  })

  it.each([
    [4, 4],
    [4, 6],
    [6, 4],
    [4, 3],
  ])('the newest %d are remembered in as many marks, and after a restart %d', async (before, after) => {
    const durable = nothingDurable()
    const isKnown = async ({ send }: Started, number: number) =>
      (await send(`${number}`, key(`k${number}`))).headers.get('idempotent-replayed') === 'true'
    const first = await start({ keysMax: before }, durable)
    for (let number = 0; number < 11; number++) expect(await isKnown(first, number)).toBe(false)
    expect(durable.marks.size).toBe(before)
    expect(await isKnown(first, 11 - before)).toBe(true)
    await first.reading.stop()
    const kept = Math.min(before, after)
    const second = await start({ keysMax: after }, durable)
    for (let number = 11 - kept; number < 11; number++) expect(await isKnown(second, number)).toBe(true)
    expect(await isKnown(second, 11)).toBe(false)
    await second.reading.stop()
    const third = await start({ keysMax: after }, durable)
    for (let number = 12 - Math.min(kept + 1, after); number < 12; number++)
      expect(await isKnown(third, number)).toBe(true)
    expect(await isKnown(third, 10 - kept)).toBe(false)
  })
})

it('says idle once, and goes on', async () => {
  const { send, reading } = await start({ idleMs: 20 })
  await vi.waitFor(() => expect(reading.kinds).toEqual(['opened', 'idle']), patience)
  await send('a')
  await vi.waitFor(() => expect(reading.kinds).toEqual(['opened', 'idle', 'records', 'idle']), patience)
})

it('a port that is taken is an error that says what to do', async () => {
  const { url } = await start()
  const port = Number(new URL(url).port)
  const other = new HttpSource({ id: 'other', host: '127.0.0.1', port, token })
  const reading = other.read(new Map(), new AbortController().signal).next()
  await expect(reading).rejects.toThrow(`can't listen on 127.0.0.1:${port} for events: another process`)
})

it.each([
  ['head', 'POST /v1/events HTTP/1.1\r\nHost: x\r\n'],
  [
    'body',
    `POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearer}\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nabc`,
  ],
])('who never ends the %s of a request is cut off, and leaves nothing', async (_part, text) => {
  const { url, send, durable } = await start({ requestMsMax: 1000, waitingBytesMax: 4 })
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket
    .on('error', () => {})
    .resume()
    .write(text)
  await closed
  expect((await send('ab')).status).toBe(200)
  expect(durable.records).toEqual(['ab'])
})

it('rubbish on the socket is answered or cut off, and others go on', async () => {
  const { url, send } = await start()
  const port = Number(new URL(url).port)
  for (const text of [
    '\u0000\u0001\u0002\r\n\r\n',
    'POST /v1/events HTTP/1.1\r\nContent-Length: x\r\n\r\n',
    'GET /'.padEnd(40_000, 'a'),
  ]) {
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text))
      socket
        .on('close', () => resolve())
        .on('error', () => {})
        .resume()
    })
  }
  expect((await send('a')).status).toBe(200)
})
