import type { FileHandle } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'

/** Compressed bytes fed at once: deflate grows at most 1032 times, so one step gives at most 17 MB. */
const pieceBytes = 16 * 1024
/** On corruption zlib drops what the step had produced; small steps find the last readable byte closely. */
const finePieceBytes = 64

/**
 * The decompressed bytes of a gzip file (all members), in order. Throws zlib's error after everything before
 * the corrupt or missing part was given.
 */
export async function* inflate(file: FileHandle): AsyncGenerator<Buffer> {
  let given = 0
  let failedAt = 0
  try {
    for await (const { chunk, at } of inflateFrom(file, Number.POSITIVE_INFINITY)) {
      failedAt = at
      given += chunk.length
      if (chunk.length > 0) yield chunk
    }
    return
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'Z_DATA_ERROR') throw error
  }
  // Once more to the piece that failed, and through that one in small steps.
  let skip = given
  for await (const { chunk } of inflateFrom(file, failedAt)) {
    const fresh = chunk.subarray(Math.min(skip, chunk.length))
    skip -= chunk.length - fresh.length
    if (fresh.length > 0) yield fresh
  }
}

/** `at` is the compressed offset behind the chunk; from `fineFrom` on it goes in small steps. */
async function* inflateFrom(file: FileHandle, fineFrom: number) {
  const stepper = new GunzipStepper()
  const input = Buffer.allocUnsafe(pieceBytes)
  try {
    for (let at = 0; !stepper.isFinished; ) {
      const size = at >= fineFrom ? finePieceBytes : pieceBytes
      const { bytesRead } = await file.read(input, 0, size, at)
      at += bytesRead
      yield { chunk: await stepper.step(input.subarray(0, bytesRead)), at }
    }
  } finally {
    stepper.close()
  }
}

/** Gives for each piece what it decompresses to, where Node's stream would answer whenever it likes. */
class GunzipStepper {
  readonly #gunzip = createGunzip({ chunkSize: 256 * 1024 })
  readonly #produced: Buffer[] = []
  #isFinished = false
  #error: unknown
  #settle: () => void = () => {}

  constructor() {
    this.#gunzip.on('data', (chunk: Buffer) => this.#produced.push(chunk))
    // zlib also ends by itself, at zero padding behind the last member; no callback comes for that write.
    this.#gunzip.once('end', () => {
      this.#isFinished = true
      this.#settle()
    })
    this.#gunzip.once('error', (error) => {
      this.#error = error
      this.#settle()
    })
  }

  get isFinished(): boolean {
    return this.#isFinished
  }

  /** An empty piece is the end of the input. */
  async step(piece: Uint8Array): Promise<Buffer> {
    await new Promise<void>((resolve) => {
      this.#settle = resolve
      if (piece.length === 0) this.#gunzip.end()
      else this.#gunzip.write(piece, () => resolve())
    })
    if (this.#error) throw this.#error
    return Buffer.concat(this.#produced.splice(0))
  }

  close(): void {
    this.#gunzip.destroy()
  }
}
