/**
 * What a person is told when a file is read from its start although it was read up to `offset` before. `bytes` is its
 * size; absent where that says nothing, as of a compressed file.
 */
export function otherFileNotice(path: string, offset: number, bytes: number | undefined): string {
  const what =
    bytes !== undefined && bytes < offset
      ? `has only ${bytes} bytes and was read up to ${offset} before: it was truncated or replaced while nobody read it`
      : `is not the file that was read up to ${offset} before`
  return `${path} ${what}. It is read from its start; lines that stood behind ${offset} and were not read yet may be missing`
}

/** What a person is told when the rest of a file is read from where rotation put it. */
export function rotatedNotice(
  path: string,
  offset: number,
  rotated: string,
  newer: readonly string[],
): string {
  const what = `${path} is not the file that was read up to ${offset} before: that is ${rotated} now. What it has behind ${offset} is read first`
  if (newer.length === 0) return what
  return `${what}. Rotated since, and not read: ${newer.join(', ')}`
}
