import { describe, inject, test } from 'vitest'
import { skipOrThrow } from './skip.ts'

/** A `describe` that gets the path of a real Envoy, or shows one skipped test that says why it can't. */
export function describeEnvoy(name: string, tests: (envoyPath: string) => void): void {
  const peer = inject('envoyBinary') ?? { skip: 'vitest runs without test/peers/global-setup.ts' }
  if ('skip' in peer) test.skip(`${name} (skipped: ${skipOrThrow(peer.skip).skip})`)
  else describe(name, () => tests(peer.path))
}
