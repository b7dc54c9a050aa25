import { createServer } from 'node:net'

const given = new Set<number>()

/**
 * A TCP port on 127.0.0.1 that was free a moment ago, and never the same one twice in this process. Somebody
 * else may still take it first: prefer port 0 where the server can report what it got.
 */
export async function freePort(): Promise<number> {
  const port = await new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
  if (port === 0 || given.has(port)) return freePort()
  given.add(port)
  return port
}
