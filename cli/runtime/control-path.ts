import { createHash } from 'node:crypto'
import { lstatSync, realpathSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** Unix sockets have room for 104 (macOS) or 108 (Linux) bytes of path, one of them the end. */
const pathBytesMax = 100

/** Where the control socket of a data folder is: inside it, or in a short folder of its own when that path is too long. */
export function controlPath(dataDir: string): string {
  const folder = realPath(dataDir)
  const inside = join(folder, 'control.sock')
  if (Buffer.byteLength(inside) <= pathBytesMax) return inside
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16)
  return join(tmpdir(), `picket-${name}`, 'control.sock')
}

/** True when the socket stands in a folder of its own, which comes and goes with it. */
export function isOutside(dataDir: string, path: string): boolean {
  return dirname(path) !== realPath(dataDir)
}

/**
 * Why the folder of a socket outside the data folder can't be trusted; `undefined` when it can. Its name can be
 * guessed and everybody may write beside it, so somebody else may have put it there first.
 */
export function distrust(dataDir: string, path: string): string | undefined {
  const folder = dirname(path)
  const stats = lstatSync(folder)
  if (!stats.isDirectory()) return `${folder} is in the way: remove it`
  const owners = [process.getuid?.() ?? stats.uid, statSync(dataDir).uid]
  if (!owners.includes(stats.uid) || (stats.mode & 0o077) !== 0) {
    return `${folder} belongs to another user or is open to others: remove it, or use a data folder with a shorter path`
  }
  return undefined
}

/** Both ends must come to the same name, however the folder was written. */
function realPath(folder: string): string {
  try {
    return realpathSync(folder)
  } catch {
    return resolve(folder)
  }
}
