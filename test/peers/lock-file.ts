import { link, readFile, rm, writeFile } from 'node:fs/promises'

/** True while a process with this id runs on this machine, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Takes the lock or returns false at once. The file holds its owner's pid, so that a killed owner's lock is
 * taken over. Two takers of a dead lock can both win: use it to save work, never for correctness.
 */
export async function tryLock(path: string): Promise<boolean> {
  // A link appears together with its content; a file opened with 'wx' could be read while still empty.
  const claim = `${path}.${process.pid}`
  await writeFile(claim, String(process.pid))
  try {
    await link(claim, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const owner = Number(await readFile(path, 'utf8').catch(() => ''))
    if (owner > 0 && !isAlive(owner)) await rm(path, { force: true })
    return false
  } finally {
    await rm(claim, { force: true })
  }
}
