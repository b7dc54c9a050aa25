import { afterEach, expect, it } from 'vitest'
import { type StatusServer, startStatusServer } from './status-server.ts'

const answers = { health: () => [], readiness: () => ['source a', 'source b'], metrics: () => 'm 1\n' }
const open: StatusServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function start(own = {}): Promise<string> {
  const server = await startStatusServer({ host: '127.0.0.1', port: 0 }, { ...answers, ...own })
  open.push(server)
  return `http://127.0.0.1:${server.port}`
}

it('answers 200 when all is well, 503 with what is not, and the metrics as Prometheus wants them', async () => {
  const url = await start()
  const health = await fetch(`${url}/healthz`)
  expect([health.status, await health.text()]).toEqual([200, 'ok\n'])
  const ready = await fetch(`${url}/readyz?verbose`)
  expect([ready.status, await ready.text()]).toEqual([503, 'source a\nsource b\n'])
  const metrics = await fetch(`${url}/metrics`)
  expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await metrics.text()).toBe('m 1\n')
})

it('knows no other path or method, and survives an answer that fails', async () => {
  const url = await start({
    metrics: () => {
      throw new Error('no')
    },
  })
  expect((await fetch(`${url}/`)).status).toBe(404)
  expect((await fetch(`${url}/healthz`, { method: 'POST', body: 'x' })).status).toBe(405)
  expect((await fetch(`${url}/metrics`)).status).toBe(500)
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
})

it('says which setting names a port that is taken', async () => {
  const port = Number(new URL(await start()).port)
  await expect(startStatusServer({ host: '127.0.0.1', port }, answers)).rejects.toThrow(
    `status.listen: cannot listen on 127.0.0.1:${port} (EADDRINUSE): stop what listens there`,
  )
})
