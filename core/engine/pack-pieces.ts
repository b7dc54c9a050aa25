import type { EntityPack } from '../ports/state-store.ts'
import { PackCursor, packFormat } from './pack-cursor.ts'

/** The same records, in their order, as packs that are at most one record longer than `bytesMax`. */
export function packPieces(pack: EntityPack, bytesMax: number): EntityPack[] {
  if (pack.bytes.length <= bytesMax) return [pack]
  const pieces: EntityPack[] = []
  const cursor = new PackCursor(pack)
  let start = cursor.at
  const end = () => {
    const bytes = new Uint8Array(1 + cursor.at - start)
    bytes[0] = packFormat
    bytes.set(pack.bytes.subarray(start, cursor.at), 1)
    pieces.push({ ...pack, bytes })
    start = cursor.at
  }
  while (cursor.next()) if (cursor.at - start >= bytesMax) end()
  if (cursor.at > start) end()
  return pieces
}
