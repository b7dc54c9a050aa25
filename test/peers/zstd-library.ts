import { existsSync } from 'node:fs'
import { cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { provisionOnce } from './cache.ts'
import { runCommand } from './run-command.ts'

const debianPackage = 'libzstd-dev'

/** What compiling something against zstd takes. */
export interface ZstdLibrary {
  /** Folder of `zstd.h`. */
  readonly headers: string
  /** `libzstd.a`. */
  readonly archive: string
}

/**
 * zstd's headers and its library to link in, unpacked from the package of Debian or Ubuntu and installed nowhere; `undefined`
 * where there are no such packages. Another try is made in the next run, for nothing is kept then.
 */
export async function zstdLibrary(): Promise<ZstdLibrary | undefined> {
  try {
    const folder = await provisionOnce(`${debianPackage}-${process.arch}`, unpack)
    return { headers: folder, archive: join(folder, 'libzstd.a') }
  } catch {
    return undefined
  }
}

async function unpack(folder: string): Promise<void> {
  await runCommand({ command: 'apt-get', args: ['download', debianPackage], cwd: folder }, 60_000)
  const downloaded = (await readdir(folder)).find((name) => name.endsWith('.deb')) ?? ''
  const unpacked = join(folder, 'unpacked')
  await runCommand({ command: 'dpkg', args: ['-x', downloaded, unpacked], cwd: folder })
  const usr = join(unpacked, 'usr')
  const places = [join(usr, 'include'), join(usr, 'lib'), ...(await subfolders(join(usr, 'lib')))]
  for (const name of ['zstd.h', 'zstd_errors.h', 'libzstd.a']) {
    const place = places.find((one) => existsSync(join(one, name)))
    if (place === undefined) throw new Error(`${downloaded} has no ${name}`)
    await cp(join(place, name), join(folder, name))
  }
  await rm(unpacked, { recursive: true })
  await rm(join(folder, downloaded))
}

/** Debian keeps libraries by the name of the architecture. */
async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name))
}
