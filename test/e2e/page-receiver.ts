import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PageReceiver {
  readonly url: string
  readonly host: string
  /** `event_action` and `dedup_key` of every request, in order. */
  readonly received: { readonly action: string; readonly key: string }[]
  close(): Promise<void>
}

/** Stands where PagerDuty's Events API v2 would, and writes down what arrives. Answers as the API does. */
export async function startPageReceiver(): Promise<PageReceiver> {
  const received: { action: string; key: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      const { event_action: action, dedup_key: key } = JSON.parse(body) as {
        event_action: string
        dedup_key: string
      }
      received.push({ action, key })
      response.writeHead(202, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ status: 'success', message: 'Event processed', dedup_key: key }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v2/enqueue`,
    host: `127.0.0.1:${port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
