import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ProvidedPeer } from './provided-peers.ts'

/**
 * True when one of the test files, or a file that it imports by a relative path, injects the peer. Starting
 * a broker for a run of unit tests would cost more than the tests, and vitest can't start it on first use:
 * its workers share nothing but what is provided before they start.
 */
export function isPeerWanted(peer: ProvidedPeer, testFiles: readonly string[]): boolean {
  const injects = new RegExp(`\\binject\\(\\s*['"]${peer}['"]`)
  const pending = [...testFiles]
  const seen = new Set(pending)
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    const source = readFileSync(file, 'utf8')
    if (injects.test(source)) return true
    for (const imported of relativeImports(file, source)) {
      if (seen.has(imported)) continue
      seen.add(imported)
      pending.push(imported)
    }
  }
  return false
}

function relativeImports(file: string, source: string): string[] {
  const specifiers = source.matchAll(/\b(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+\.ts)['"]/g)
  return [...specifiers].map((match) => join(dirname(file), match[1] ?? '')).filter(existsSync)
}
