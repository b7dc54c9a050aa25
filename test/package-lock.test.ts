import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

interface LockedPackage {
  readonly version?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
type Locked = Readonly<Record<string, LockedPackage>>

const file = join(import.meta.dirname, '..', 'package-lock.json')
const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Locked }

const whatToDo =
  'npm leaves packages of other platforms out when it writes a lock over an installed node_modules, and npm ci then ' +
  'fails there: restore their entries from the lock before, or delete node_modules and package-lock.json and install again'

/** The entry that a package would load `name` from: its own, or that of a folder above. */
function entryOf(locked: Locked, path: string, name: string): LockedPackage | undefined {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const found = locked[folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`]
    if (found || folder === '') return found
  }
}

/** Optional packages that are wanted and not locked, or locked in another version than the exact one wanted. */
function missing(locked: Locked): string[] {
  return Object.entries(locked).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name, wanted]) => {
        const version = entryOf(locked, path, name)?.version
        return version === undefined || (/^\d+\.\d+\.\d+$/.test(wanted) && version !== wanted)
      })
      .map(([name, wanted]) => `${name} ${wanted}, for ${path || 'Picket'}`),
  )
}

it('package-lock.json has the optional packages of every platform', () => {
  expect(missing(packages), whatToDo).toEqual([])
  const named = Object.values(packages).flatMap(({ optionalDependencies }) =>
    Object.keys(optionalDependencies ?? {}),
  )
  for (const wanted of [/^@biomejs\/cli-/, /^@chdb\/lib-/])
    expect(named.filter((name) => wanted.test(name)).length, String(wanted)).toBeGreaterThan(1)
})

it('a platform that is left out is found, also below another package', () => {
  const biome = { version: '2.0.0', optionalDependencies: { '@biomejs/cli-linux-x64': '2.0.0' } }
  const cli = { version: '2.0.0' }
  const left = (locked: Locked) => missing({ 'node_modules/a/node_modules/@biomejs/biome': biome, ...locked })
  const at = 'for node_modules/a/node_modules/@biomejs/biome'
  expect(left({})).toEqual([`@biomejs/cli-linux-x64 2.0.0, ${at}`])
  expect(left({ 'node_modules/@biomejs/cli-linux-x64': { version: '1.9.0' } })).toHaveLength(1)
  expect(left({ 'node_modules/@biomejs/cli-linux-x64': cli })).toEqual([])
  expect(left({ 'node_modules/a/node_modules/@biomejs/cli-linux-x64': cli })).toEqual([])
})
