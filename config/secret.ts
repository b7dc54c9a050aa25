import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'

/** Where a secret is found: `env:NAME` in the environment, `file:/path` in a file. Safe to show and to store. */
export type SecretReference = `env:${string}` | `file:${string}`

/** A secret that can't be had. The message names the reference and never a value. */
export class SecretError extends Error {
  override readonly name = 'SecretError'
  readonly reference: SecretReference
  /** What mends it. */
  readonly todo: string
  constructor(reference: SecretReference, why: string, todo: string = setting(reference)) {
    super(`secret ${reference}: ${why}`)
    this.reference = reference
    this.todo = todo
  }
}

function setting(reference: SecretReference): string {
  if (reference.startsWith('env:'))
    return `set ${reference.slice('env:'.length)} in the environment of picket run`
  return 'put the file there, readable for the user of picket run'
}

/** What to do about a secret that is there and too short, empty or much too long. */
export function resetting(reference: SecretReference, what: string): string {
  if (reference.startsWith('env:')) return `set ${reference.slice('env:'.length)} to ${what}`
  return `write ${what} into the file`
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
  if (secret === '') throw new SecretError(reference, 'is empty', resetting(reference, 'the secret'))
  if (secret.length > secretLengthMax) {
    const todo = resetting(reference, 'the secret alone')
    throw new SecretError(reference, 'is longer than 64 KB, so it is no secret', todo)
  }
  return secret
}

function readSecretFile(reference: SecretReference, sources: SecretSources): string {
  const path = reference.slice('file:'.length).replace(/^~(?=\/)/, homedir())
  try {
    return sources.readText(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const why = code === undefined ? "the file can't be read" : `the file can't be read (${code})`
    throw new SecretError(reference, why, fileTodo(code))
  }
}

function fileTodo(code: string | undefined): string | undefined {
  if (code === 'EACCES') return 'let the user of picket run read the file and enter its folders'
  if (code === 'EISDIR') return 'name the file in that folder'
  return undefined
}
