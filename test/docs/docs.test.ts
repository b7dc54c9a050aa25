import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { eventsPage } from './events-page.ts'

const root = join(import.meta.dirname, '..', '..')

it('docs/events.md is what npm run docs writes', () => {
  expect(readFileSync(join(root, 'docs', 'events.md'), 'utf8')).toBe(eventsPage())
})

it.each(['README.md', 'docs/architecture.md', 'examples/envoy/README.md'])(
  'links of %s lead somewhere',
  (page) => {
    const text = readFileSync(join(root, page), 'utf8')
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? '')
    for (const link of links) expect(existsSync(join(root, dirname(page), link)), link).toBe(true)
  },
)
