/** Writes the pages that are made from source: `npm run docs`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventsPage } from './events-page.ts'

writeFileSync(join(import.meta.dirname, '..', '..', 'docs', 'events.md'), eventsPage())
