import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { invalidMessages } from './testing/invalid-messages.ts'
import { repository } from './testing/stand-ins.ts'

const files = [
  ['config.yaml', 'picket.example.yaml'],
  ['playbook-a.yaml', 'playbooks/contain-jti-reuse.yaml'],
  ['playbook-b.yaml', 'playbooks/contain-credential-stuffing.yaml'],
] as const

const piece = fc.constantFrom(
  '',
  ' ',
  '\n',
  '\t',
  '"',
  "'",
  ':',
  '- ',
  '[',
  '}',
  '&a ',
  '*a',
  '|',
  '#',
  '\u001b',
  '\u0000',
  '😀',
  '(',
  '&&',
  '!',
  '.',
  '1e999',
  '__proto__',
  'has(',
  "['x']",
  '\ud800',
)

it.each(files)('no damage to %s (%s) throws or reaches the terminal', (name, path) => {
  const text = readFileSync(join(repository, path), 'utf8')
  const damage = fc.record({ at: fc.nat(text.length), length: fc.nat(30), piece })
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
      const damaged = damages.reduce(
        (result, { at, length, piece: inserted }) =>
          result.slice(0, at) + inserted + result.slice(at + length),
        text,
      )
      const messages = invalidMessages(name, damaged)
      expect(messages).toMatch(/^(no problem was found|\S+:\d+:\d+: .+)/)
      expect(messages).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ud800]/u)
    }),
    { numRuns: 150 },
  )
})

it('no damage to a file with secrets in it shows them', () => {
  const text = `privacy:
  key: Kq7secretA
actions:
  page:
    routing_key: "Kq7secretB"
    url: https://ann:Kq7secretC@example.com/
clickhouse: { user: x, password: Kq7secretD }
`
  const layout = fc.constantFrom(' ', '\n', '\n      ', '"', "'", '[', '{', '- ', '|\n', '#', ',', ': ', '&')
  // Only between words: a secret in another place, or under another name, is no longer recognisable as one.
  const places = [...text.matchAll(/(?<=: )|$/gm)].map(({ index }) => index)
  fc.assert(
    fc.property(fc.constantFrom(...places), layout, (at, inserted) => {
      const messages = invalidMessages('config.yaml', text.slice(0, at) + inserted + text.slice(at))
      expect(messages).not.toContain('Kq7secret')
    }),
    { numRuns: 200 },
  )
})
