import { expect, it } from 'vitest'
import { maskSecrets } from './mask-secrets.ts'

it.each([
  ['    routing_key: R0ABC', '    routing_key: ***'],
  ['page: { routing_key: R0ABC, url: x }', 'page: { routing_key: ***'],
  ['  "password" : "hunter2', '  "password" : ***'],
  ['  passwords: [hunter2]', '  passwords: ***'],
  ['  api_token: x', '  api_token: ***'],
  ['url: https://ann:hunter2@example.com/x', 'url: https://***@example.com/x'],
])('%s', (line, shown) => {
  expect(maskSecrets(line)).toBe(shown)
})

it.each([
  'key: env:PICKET_KEY',
  'password: "file:/run/secret"',
  'keys: [partner-1]',
  'token.jti: jwt_jti',
  'key:',
  'user: ann',
])('leaves %s', (line) => {
  expect(maskSecrets(line)).toBe(line)
})

const below = (...lines: readonly string[]) => maskSecrets(lines.at(-1) ?? '', lines.slice(0, -1))

it.each([
  [['  routing_key:', '    R0ABC'], '    ***'],
  [['  routing_key:', 'R0ABC'], '***'],
  [['  key: |', '    -----BEGIN', '    R0ABC'], '    ***'],
  [['  password: "hunter2', '', '    and 3"'], '    ***'],
])('hides what goes on below: %j', (lines, shown) => {
  expect(below(...lines)).toBe(shown)
})

it.each([
  [['privacy:', '  key: env:KEY', '  principals: 3']],
  [['  password: hunter2', '  user: ann']],
  [['ingest:', '  token.jti: x', '    y: 1']],
])('shows what does not: %j', (lines) => {
  expect(below(...lines)).toBe(lines.at(-1))
})
