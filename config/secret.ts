import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'

/** Where a secret is found: `env:NAME` in the environment, `file:/path` in a file. Safe to show and to store. */
export type SecretReference = `env:${string}` | `file:${string}`

/** A secret that can't be had. The message names the reference and never a value. */
export class SecretError extends Error {
  override readonly name = 'SecretError'
  readonly reference: SecretReference
  constructor(reference: SecretReference, why: string) {
    super(`secret ${reference}: ${why}`)
    this.reference = reference
  }
}

/** Where secrets are looked up; tests hand in their own. */
export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly readText: (path: string) => string
}

/** Longest secret, code units: whoever points at a log file by mistake should learn it here. */
const secretLengthMax = 64 * 1024

export function isSecretReference(text: string): text is SecretReference {
  return (
    /^env:[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(text) ||
    /^file:(\/|\.\/|~\/|[A-Za-z]:[\\/]).{1,1023}$/.test(text)
  )
}

/** The secret behind a reference, without the newline at its end. Throws `SecretError`. */
export function resolveSecret(
  reference: SecretReference,
  sources: SecretSources = { env: process.env, readText: (path) => readFileSync(path, 'utf8') },
): string {
  const value = reference.startsWith('env:')
    ? sources.env[reference.slice('env:'.length)]
    : readSecretFile(reference, sources)
  if (value === undefined) throw new SecretError(reference, 'the environment variable is not set')
  const secret = value.replace(/\r?\n$/, '')
  if (secret === '') throw new SecretError(reference, 'is empty')
  if (secret.length > secretLengthMax)
    throw new SecretError(reference, 'is longer than 64 KB, so it is no secret')
  return secret
}

function readSecretFile(reference: SecretReference, sources: SecretSources): string {
  const path = reference.slice('file:'.length).replace(/^~(?=\/)/, homedir())
  try {
    return sources.readText(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    throw new SecretError(
      reference,
      code === undefined ? "the file can't be read" : `the file can't be read (${code})`,
    )
  }
}
