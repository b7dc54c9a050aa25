/** What a person does about it, by the operating system's error code. */
const advice: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; check the path',
  EACCES: 'reading it is not permitted; change its mode or the user that Picket runs as',
  ESPIPE:
    'it is a pipe and no file; give what it holds to standard input (replay: -, run: a source of type stdin)',
  EISDIR: 'it is a directory; name the files in it',
}

/** An error that names the file, the decompressed offset where one is known, and what to do. */
export function readError(path: string, cause: unknown, offset?: number): Error {
  const { code, message } = cause as NodeJS.ErrnoException
  const where = offset === undefined ? path : `${path} at offset ${offset}`
  return new Error(`cannot read ${where}: ${advice[code ?? ''] ?? message}`, { cause })
}
