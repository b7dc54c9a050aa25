import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { jsonSchemas } from './json-schemas.ts'

// Run with `npx tsx config/generate-schemas.ts`; a test tells when it is needed.
const folder = join(import.meta.dirname, 'schemas')
mkdirSync(folder, { recursive: true })
for (const [name, text] of Object.entries(jsonSchemas())) writeFileSync(join(folder, name), text)
