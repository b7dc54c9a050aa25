import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** RFC 1952 section 2.3.1. */
const gzipMagic = Buffer.from([0x1f, 0x8b])

/** The bytes of a stream, decompressed when it begins as gzip does: nobody should have to say so, as for files. */
export function inflatedInput(input: Readable): Readable {
  return Readable.from(inflated(input), { objectMode: false })
}

async function* inflated(input: Readable): AsyncGenerator<Buffer> {
  const chunks = input.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer | string>
  const first: Buffer[] = []
  let head = Buffer.alloc(0)
  // A lone byte is held only while it may be the first of a gzip stream.
  while (head.length < 2 && gzipMagic.subarray(0, head.length).equals(head)) {
    const { value, done } = await chunks.next()
    if (done) break
    first.push(Buffer.from(value))
    head = Buffer.concat(first)
  }
  const rest = joined(head, chunks)
  if (!head.subarray(0, 2).equals(gzipMagic)) {
    yield* rest
    return
  }
  try {
    // Its callback does nothing, because an error ends the iteration as well.
    yield* pipeline(
      Readable.from(rest, { objectMode: false }),
      createGunzip(),
      () => {},
    ) as AsyncIterable<Buffer>
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`cannot read standard input further: its gzip data is damaged or cut off (${why})`, {
      cause,
    })
  }
}

async function* joined(head: Buffer, chunks: AsyncIterator<Buffer | string>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield Buffer.from(next.value)
}
