import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { ProvidedPeer } from './provided-peers.ts'
import { isPeerWanted } from './wanted-peers.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-wanted-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Built here, because this file would otherwise itself look like one that asks for the peer. */
const injecting = (peer: ProvidedPeer) => `const peer = inject('${peer}')\n`

function file(name: string, source: string): string {
  writeFileSync(join(folder, name), source)
  return join(folder, name)
}

const direct = file('direct.test.ts', injecting('kafkaBrokers'))
const helper = file('helper.ts', injecting('kafkaBrokers'))
const indirect = file('indirect.test.ts', `import { open } from './between.ts'\n`)
file('between.ts', `import type { A } from './indirect.test.ts'\nexport { open } from './helper.ts'\n`)
const unit = file('unit.test.ts', `import { gone } from './gone.ts'\nimport 'vitest'\n// kafkaBrokers\n`)

test.each([
  ['that injects it', [direct], true],
  ['that imports who injects it', [indirect], true],
  ['that does neither', [unit], false],
  ['beside one that injects it', [unit, helper], true],
])('a file %s', (_, files, wanted) => {
  expect(isPeerWanted('kafkaBrokers', files)).toBe(wanted)
  expect(isPeerWanted('envoyBinary', files)).toBe(false)
})
