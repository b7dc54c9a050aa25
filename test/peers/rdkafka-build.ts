import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { provisionOnce } from './cache.ts'
import { runCommand } from './run-command.ts'
import { type Skip, skipOrThrow } from './skip.ts'
import { type ZstdLibrary, zstdLibrary } from './zstd-library.ts'

const version = '3.6.1'
const buildMsMax = 900_000
/** What Kafka's protocol needs no part of: logging in by Kerberos or HTTP; lz4 is in the sources. */
const configuration = ['--disable-debug-symbols', '--disable-gssapi', '--disable-curl', '--disable-lz4-ext']
/** The build takes in zstd for itself, or does without it whatever is installed: its name must tell which. */
const compression = { zstd: ['--enable-zstd'], plain: ['--disable-zstd'] } as const
const needed = ['lib', 'librdkafka.js', 'package.json', 'LICENSE.txt', 'build']

/** Names a build by all that decides what it can do; one is good for one ABI of Node. */
export function buildName(kind: keyof typeof compression): string {
  const options = createHash('sha256').update(configuration.join(' ')).digest('hex').slice(0, 8)
  const { platform, arch, versions } = process
  return `node-rdkafka-${version}-${platform}-${arch}-${versions.modules}-${kind}-${options}`
}

/**
 * A folder where `node-rdkafka` can be required from, compiled on first use (some 100 s on two cores, 5 MB when it is done),
 * or why it can't be had here. It decodes zstd where `zstdLibrary` can be had. Call it while no test runs: it wants every core.
 */
export async function rdkafkaBuild(): Promise<{ readonly folder: string } | Skip> {
  try {
    const zstd = await zstdLibrary()
    return {
      folder: await provisionOnce(buildName(zstd ? 'zstd' : 'plain'), (folder) => build(folder, zstd)),
    }
  } catch (error) {
    return skipOrThrow(`node-rdkafka can't be built: ${(error as Error).message}`)
  }
}

async function build(folder: string, zstd: ZstdLibrary | undefined): Promise<void> {
  for (const command of ['g++', 'make', 'python3']) await runCommand({ command, args: ['--version'] })
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n')
  const install = ['install', '--no-audit', '--no-fund', '--ignore-scripts', `node-rdkafka@${version}`]
  await runCommand({ command: 'npm', args: install, cwd: folder })
  const root = join(folder, 'node_modules', 'node-rdkafka')
  await buildLibrary(root, zstd)
  // The library is there by now, so that this compiles what binds it to Node.
  await runCommand({ command: 'npm', args: ['rebuild'], cwd: folder, env: rebuildSettings() }, buildMsMax)
  await keepWhatRuns(root)
}

/** By itself, because the package would compile it with debug symbols and on one core. */
async function buildLibrary(root: string, zstd: ZstdLibrary | undefined): Promise<void> {
  const cwd = join(root, 'deps', 'librdkafka')
  const target = join(root, 'build', 'deps')
  const chosen = [...configuration, ...compression[zstd ? 'zstd' : 'plain']]
  const args = [`--prefix=${target}`, `--libdir=${target}`, ...chosen]
  // Linked in as a whole, so that nobody who takes the build from the cache needs the library.
  const env = zstd && { STATIC_LIB_libzstd: zstd.archive, CPPFLAGS: `-I${zstd.headers}` }
  await runCommand({ command: './configure', args, cwd, ...(env && { env }) })
  await runCommand({ command: 'make', args: [`-j${availableParallelism()}`, 'libs'], cwd }, buildMsMax)
}

/** Node's own headers where they are installed, which are fetched from its site otherwise. */
function rebuildSettings(): NodeJS.ProcessEnv {
  const home = dirname(dirname(process.execPath))
  return {
    npm_config_jobs: String(availableParallelism()),
    CXXFLAGS: '-g0',
    ...(existsSync(join(home, 'include', 'node', 'node.h')) && { npm_config_nodedir: home }),
  }
}

/** Sources and objects are 25 times as large. */
async function keepWhatRuns(root: string): Promise<void> {
  const release = join(root, 'build', 'Release')
  const left = [
    ...(await readdir(root)).filter((entry) => !needed.includes(entry)).map((entry) => join(root, entry)),
    ...(await readdir(release))
      .filter((entry) => !entry.endsWith('.node'))
      .map((entry) => join(release, entry)),
  ]
  for (const path of left) await rm(path, { recursive: true, force: true })
}
