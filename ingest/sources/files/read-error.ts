import type { Stats } from 'node:fs'

/** Why a file can't be read, and what a person does about it. */
export interface ReadAdvice {
  readonly what: string
  readonly todo: string
}

/** By the operating system's error code. */
const advice: Readonly<Record<string, ReadAdvice>> = {
  ENOENT: { what: 'there is no such file', todo: 'check the path' },
  EACCES: {
    what: 'reading it is not permitted',
    todo: 'change its mode or the user that Picket runs as',
  },
  ESPIPE: {
    what: 'it is a pipe and no file',
    todo: 'give what it holds to standard input (replay: -, run: a source of type stdin)',
  },
  EISDIR: { what: 'it is a directory', todo: 'name the files in it' },
}

/** Throws for what is no file, with the code that reading it would give. */
export function requireFile(stats: Stats): void {
  // To open a pipe waits for its writer, and nothing could end that; and it has no places to come back to.
  if (stats.isFIFO() || stats.isSocket()) throw Object.assign(new Error('a pipe'), { code: 'ESPIPE' })
  if (stats.isDirectory()) throw Object.assign(new Error('a directory'), { code: 'EISDIR' })
}

export function readAdvice(cause: unknown): ReadAdvice {
  const { code, message } = cause as NodeJS.ErrnoException
  return advice[code ?? ''] ?? { what: `it can't be read (${code ?? message})`, todo: 'check the path' }
}

/** An error that names the file, the decompressed offset where one is known, and what to do. */
export function readError(path: string, cause: unknown, offset?: number): Error {
  const { code, message } = cause as NodeJS.ErrnoException
  const where = offset === undefined ? path : `${path} at offset ${offset}`
  const known = advice[code ?? '']
  const why = known ? `${known.what}; ${known.todo}` : message
  return new Error(`cannot read ${where}: ${why}`, { cause })
}
