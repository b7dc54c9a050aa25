import { createHash } from 'node:crypto'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { provisionOnce } from '../../test/peers/cache.ts'
import { runCommand } from '../../test/peers/run-command.ts'

const sources = join(import.meta.dirname, 'flink')
const files = ['pom.xml', 'FourRules.java'] as const
/** Flink's serialisers look into classes of the JDK; log4j without configuration must not write between. */
const javaFlags = [
  '-Xmx4g',
  '--add-opens=java.base/java.util=ALL-UNNAMED',
  '--add-opens=java.base/java.lang=ALL-UNNAMED',
  '--add-opens=java.base/java.time=ALL-UNNAMED',
  '-Dlog4j2.level=OFF',
]
const minutes = 60_000

export interface FlinkRun {
  readonly events: number
  readonly alerts: Readonly<Record<string, number>>
  /** Flink's own net run time of the job, without the start of its cluster. */
  readonly ms: number
}

/** The class path of the job, downloaded and compiled on first use. Needs `java` 17, `javac` and `mvn`. */
export async function flinkClassPath(root: string): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(join(sources, file)))
  const folder = await provisionOnce(`flink-2.1.3-${hash.digest('hex').slice(0, 8)}`, fill, root)
  return `${join(folder, 'classes')}:${join(folder, 'libs', '*')}`
}

async function fill(folder: string): Promise<void> {
  for (const file of files) copyFileSync(join(sources, file), join(folder, file))
  const libs = join(folder, 'libs')
  const copy = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${libs}`]
  await runCommand({ command: 'mvn', args: copy, cwd: folder }, 10 * minutes)
  const compile = ['-nowarn', '-cp', join(libs, '*'), '-d', 'classes', 'FourRules.java']
  await runCommand({ command: 'javac', args: compile, cwd: folder })
}

/** Runs the job over a file on so many slots. */
export async function runFlink(classPath: string, path: string, slots: number): Promise<FlinkRun> {
  const args = [...javaFlags, '-cp', classPath, 'FourRules', path, String(slots)]
  const output = await runCommand({ command: 'java', args }, 30 * minutes)
  const line = output.split('\n').find((text) => text.startsWith('{"events"'))
  if (line === undefined) throw new Error(`Flink gave no result: ${output.slice(-500)}`)
  return JSON.parse(line) as FlinkRun
}
