import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, provisionOnce } from './cache.ts'
import { runCommand } from './run-command.ts'

const version = '3.6.1'
/** A build is good for one ABI of Node. */
const name = `node-rdkafka-${version}-${process.platform}-${process.arch}-${process.versions.modules}`
/** Where it is once it was built. */
export const rdkafkaFolder = cacheFolder(name)
const buildMsMax = 900_000

/**
 * Builds node-rdkafka into `.cache/` (3 minutes and 540 MB), where the tests find it: `npm run provision:rdkafka`. It is
 * no dependency, and CI does not build it.
 */
export async function provideRdkafka(): Promise<string> {
  return provisionOnce(name, async (folder) => {
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n')
    const args = ['install', '--no-audit', '--no-fund', `node-rdkafka@${version}`]
    await runCommand({ command: 'npm', args, cwd: folder }, buildMsMax)
  })
}
