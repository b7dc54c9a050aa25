import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { RangeGone } from '../range-gone.ts'
import { type FileIdentity, isThatFile } from './file-identity.ts'
import { isGzip } from './file-partition.ts'

/** A file that is open, and what it is. */
export interface FoundFile {
  readonly path: string
  readonly file: FileHandle
  readonly isCompressed: boolean
}

/**
 * The file that was read under a path, which may have been rotated since: the path itself, or a file beside it whose
 * name begins with the path's (`access.log.1`, `access.log-20261130.gz`). The stored identity decides; without one, only the
 * newest file under the path can be told. The caller closes it. @throws RangeGone
 */
export async function findFile(
  path: string,
  { identity, isNewest }: { readonly identity: FileIdentity | undefined; readonly isNewest: boolean },
): Promise<FoundFile> {
  if (identity) return await findIdentified(path, identity)
  if (!isNewest)
    throw new RangeGone(
      `${path}: how the file before it began was not stored, so it can't be told from newer files`,
    )
  const found = await openRegular(path)
  if (found) return found
  throw new RangeGone(`${path}: there is no such file`)
}

/**
 * The file of this identity beside a path that is another file by now, and the paths of those that were written to since:
 * what they hold nobody has read. `undefined` where there is none, or none that is certainly the one. The caller closes it.
 */
export async function findRotated(
  path: string,
  identity: FileIdentity,
): Promise<(FoundFile & { readonly newer: readonly string[] }) | undefined> {
  const found = await findIdentified(path, identity).catch((error) => {
    if (error instanceof RangeGone) return undefined
    throw error
  })
  if (found?.path === path) await found.file.close()
  if (!found || found.path === path) return undefined
  const { mtimeMs } = await found.file.stat()
  const newer: string[] = []
  for (const other of await siblings(path)) {
    const stats = await stat(other).catch(() => undefined)
    if (other !== found.path && stats?.isFile() && stats.mtimeMs > mtimeMs) newer.push(other)
  }
  return { ...found, newer }
}

async function findIdentified(path: string, identity: FileIdentity): Promise<FoundFile> {
  let first: FoundFile | undefined
  for (const candidate of [path, ...(await siblings(path))]) {
    const found = await openRegular(candidate)
    if (!found) continue
    if (!(await isThatFile(found.file, found.isCompressed, identity).catch(() => false))) {
      await found.file.close()
      continue
    }
    // Two that agree in both places are copies of one, such as a log and its .gz while it is packed.
    if (identity.before) return found
    if (first) {
      await Promise.all([first.file.close(), found.file.close()])
      throw new RangeGone(
        `${first.path} and ${found.path} begin alike, and an older Picket stored only how the file that was read began: leave only that one there`,
      )
    }
    first = found
  }
  if (first) return first
  throw new RangeGone(
    `${path}: neither it nor a file beside it is the one that was read; put the rotated file back beside it (plain or gzip)`,
  )
}

/** Files that log rotation may have made of a path, the newest first. */
async function siblings(path: string): Promise<string[]> {
  const name = basename(path)
  const names = await readdir(dirname(path)).catch(() => [])
  return names
    .filter((other) => other.startsWith(name) && /^[.-]/.test(other.slice(name.length)))
    .sort()
    .map((other) => join(dirname(path), other))
}

/** Pipes and folders are no logs, and to open a pipe would wait for ever. */
async function openRegular(path: string): Promise<FoundFile | undefined> {
  try {
    if (!(await stat(path)).isFile()) return undefined
    const file = await open(path, 'r')
    try {
      return { path, file, isCompressed: await isGzip(file, path) }
    } catch (error) {
      await file.close()
      throw error
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EACCES') return undefined
    throw error
  }
}
