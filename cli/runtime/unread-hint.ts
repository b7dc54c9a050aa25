import { closeSync, openSync, readSync } from 'node:fs'

/** How compressed files begin, and what reads them; gzip is read as it is. */
const compressions: readonly (readonly [name: string, magic: readonly number[], reader: string])[] = [
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd], 'zstd -dc'],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz -dc'],
  ['bzip2', [0x42, 0x5a, 0x68], 'bzip2 -dc'],
  ['lz4', [0x04, 0x22, 0x4d, 0x18], 'lz4 -dc'],
  ['zip', [0x50, 0x4b, 0x03, 0x04], 'unzip -p'],
]

/** Why a file of which no line could be read may have been the wrong kind of file; `undefined` when nothing tells. */
export function unreadHint(path: string): string | undefined {
  const head = headOf(path)
  if (head === undefined) return undefined
  const known = compressions.find(([, magic]) => magic.every((byte, index) => head[index] === byte))
  if (known) {
    const [name, , reader] = known
    return `${path} is compressed with ${name}, which Picket does not read: ${reader} ${path} | picket replay -`
  }
  const isGzip = head[0] === 0x1f && head[1] === 0x8b
  return path.endsWith('.gz') && !isGzip
    ? `${path} is not gzip, whatever its name says, and was read as plain text: check how it was made`
    : undefined
}

function headOf(path: string): Buffer | undefined {
  try {
    const file = openSync(path, 'r')
    try {
      const head = Buffer.alloc(8)
      readSync(file, head, 0, head.length, 0)
      return head
    } finally {
      closeSync(file)
    }
  } catch {
    return undefined
  }
}
