import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import kafkajs from 'kafkajs'
import { unlz4 } from './lz4.ts'
import { batchBytesMax, TooLargeError } from './output-limit.ts'
import { unsnap } from './snappy.ts'
import { marksInstead, requireReadableCount } from './unreadable-batch.ts'
import { unzstd } from './zstd.ts'

// Node sees only the first few names of this CommonJS package.
const { CompressionCodecs, CompressionTypes } = kafkajs

type Decompress = (compressed: Buffer) => Buffer | Promise<Buffer>

/**
 * Every codec of Kafka, with bounded output. kafkajs has gzip alone, without bounds, and its consumer dies of the others.
 * Codecs are global in kafkajs.
 */
export function registerCodecs(): void {
  const { GZIP, Snappy, LZ4, ZSTD } = CompressionTypes
  CompressionCodecs[GZIP] = codec('gzip', ungzip, ({ buffer }) => promisify(gzip)(buffer))
  CompressionCodecs[Snappy] = codec('snappy', unsnap)
  CompressionCodecs[LZ4] = codec('lz4', unlz4)
  CompressionCodecs[ZSTD] = codec('zstd', unzstd)
}

function codec(
  name: string,
  decompress: Decompress,
  compress: (encoder: { readonly buffer: Buffer }) => Promise<Buffer> = async () => {
    throw new Error(`Picket reads ${name} and does not write it`)
  },
) {
  const bounded = {
    compress,
    async decompress(compressed: Buffer): Promise<Buffer> {
      requireReadableCount(compressed)
      try {
        return await decompress(compressed)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        return marksInstead(compressed, `${name}: ${why}`)
      }
    },
  }
  return () => bounded
}

async function ungzip(compressed: Buffer): Promise<Buffer> {
  try {
    return await promisify(gunzip)(compressed, { maxOutputLength: batchBytesMax })
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? new TooLargeError() : error
  }
}
