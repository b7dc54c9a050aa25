import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { RangeGone } from '../range-gone.ts'
import { beginsLike, type FileHead } from './file-head.ts'
import { isGzip } from './file-partition.ts'

/** A file that is open, and what it is. */
export interface FoundFile {
  readonly path: string
  readonly file: FileHandle
  readonly isCompressed: boolean
}

/**
 * The file that was read under a path, which may have been rotated since: the path itself, or a file beside it whose
 * name begins with the path's (`access.log.1`, `access.log-20261130.gz`). A stored head decides; without one, only the
 * newest file under the path can be told. The caller closes it. @throws RangeGone
 */
export async function findFile(
  path: string,
  { head, isNewest }: { readonly head: FileHead | undefined; readonly isNewest: boolean },
): Promise<FoundFile> {
  const candidates = head ? [path, ...(await siblings(path))] : isNewest ? [path] : []
  for (const candidate of candidates) {
    const found = await openRegular(candidate)
    if (!found) continue
    if (!head || (await beginsLike(found.file, found.isCompressed, head).catch(() => false))) return found
    await found.file.close()
  }
  if (candidates.length === 0)
    throw new RangeGone(
      `${path}: how the file before it began was not stored, so it can't be told from newer files`,
    )
  throw new RangeGone(
    head
      ? `${path}: neither it nor a file beside it begins as the one that was read; put the rotated file back beside it (plain or gzip)`
      : `${path}: there is no such file`,
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
