// A demo API: every order exists, only even ones may be seen, and nobody knows the password.
import { createServer } from 'node:http'

createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://upstream')
  const order = /^\/orders\/(\d+)$/.exec(pathname)?.[1]
  const status = pathname === '/login' ? 401 : order && Number(order) % 2 === 1 ? 403 : 200
  request.resume()
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify({ path: pathname, status })}\n`)
}).listen(8080)
