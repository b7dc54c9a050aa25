import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { HttpRequest } from '../../core/ports/http-client.ts'
import { createHttpClient } from './http-client.ts'

const servers: Server[] = []
const { signal } = new AbortController()

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function receiver(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

function post(host: string, over: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'POST', url: `http://${host}/x`, headers: {}, body: '{"a":"ü"}', timeoutMs: 2000, ...over }
}

const clientFor = (host: string) => createHttpClient([{ host, privateAddress: true }])

describe('http client', () => {
  it('sends the body and returns the answer', async () => {
    let seen = ''
    const host = await receiver((request, response) => {
      request.on('data', (chunk) => {
        seen += `${request.method} ${request.headers['content-length']} ${chunk}`
      })
      request.on('end', () => response.writeHead(202, { 'X-Id': '7' }).end('ok'))
    })
    const result = await clientFor(host).send(post(host), signal)
    expect(result).toMatchObject({ kind: 'response', status: 202, headers: { 'x-id': '7' }, body: 'ok' })
    expect(seen).toBe('POST 10 {"a":"ü"}')
  })

  it('follows no redirect', async () => {
    let visits = 0
    const host = await receiver((_request, response) => {
      visits += 1
      response.writeHead(307, { location: '/elsewhere' }).end()
    })
    expect(await clientFor(host).send(post(host), signal)).toMatchObject({ kind: 'response', status: 307 })
    expect(visits).toBe(1)
  })

  it.each([
    ['another host', 'https://example.org/', [{ host: 'events.pagerduty.com' }], /not in the list/],
    [
      'another port',
      'https://events.pagerduty.com:8443/',
      [{ host: 'events.pagerduty.com' }],
      /not in the list/,
    ],
    [
      'a longer name',
      'https://events.pagerduty.com.evil.example/',
      [{ host: 'events.pagerduty.com' }],
      /not in the list/,
    ],
    [
      'plain http to the outside',
      'http://events.pagerduty.com/',
      [{ host: 'events.pagerduty.com' }],
      /https/,
    ],
    ['a private address', 'https://10.0.0.1/', [{ host: '10.0.0.1' }], /not a public address/],
    ['cloud metadata', 'https://169.254.169.254/', [{ host: '169.254.169.254' }], /not a public address/],
    ['loopback of IPv6', 'https://[::1]/', [{ host: '[::1]' }], /not a public address/],
    ['mapped loopback', 'https://[::ffff:127.0.0.1]/', [{ host: '[::ffff:7f00:1]' }], /not a public address/],
    [
      'a name that leads inside',
      'https://localhost/',
      [{ host: 'localhost' }],
      /localhost leads to .* not public/,
    ],
    ['another scheme', 'file:///etc/passwd', [{ host: '' }], /neither https: nor http:/],
    ['credentials in the URL', 'https://a:b@example.org/', [{ host: 'example.org' }], /user name/],
    ['no URL', 'pagerduty', [], /read/],
  ])('refuses %s before anything is sent', async (_name, url, allowed, why) => {
    const result = await createHttpClient(allowed).send(post('x', { url }), signal)
    expect(result).toEqual({ kind: 'refused', why: expect.stringMatching(why) })
  })

  it('tells what never arrived from what may have', async () => {
    const host = await receiver((_request, response) => response.destroy())
    expect(await clientFor(host).send(post(host), signal)).toMatchObject({ kind: 'unknown' })
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
    expect(await clientFor(host).send(post(host), signal)).toEqual({
      kind: 'unreachable',
      why: 'ECONNREFUSED',
    })
  })

  it('does not know what became of a request that nobody answered in time', async () => {
    const host = await receiver(() => {})
    const result = await clientFor(host).send(post(host, { timeoutMs: 50 }), signal)
    expect(result).toEqual({ kind: 'unknown', why: 'no complete answer within 50 ms' })
    expect(await clientFor(host).send(post(host), AbortSignal.timeout(50))).toMatchObject({ kind: 'unknown' })
  })

  it('reads only the start of an endless answer', async () => {
    const host = await receiver((_request, response) => {
      response.writeHead(200)
      const write = () => {
        while (response.write('x'.repeat(10_000)));
      }
      response.on('drain', write)
      write()
    })
    const result = await clientFor(host).send(post(host), signal)
    expect(result.kind === 'response' && result.body.length).toBe(65_536)
  })
})
