import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { provisionOnce } from './cache.ts'
import { runCommand } from './run-command.ts'
import { type Skip, skipOrThrow } from './skip.ts'

const kafkaVersion = '4.1.0'
const javaVersionMin = 17

/** Maven artifacts come from the registry that every Java project uses; Kafka's own download page needn't be reachable. */
const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>picket</groupId><artifactId>kafka-peer</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${kafkaVersion}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.24.3</version>
    </dependency>
  </dependencies>
</project>
`

/** The class path of Apache Kafka, downloaded on first use (46 jars, 43 MB), or why it can't be had here. */
export async function kafkaJars(): Promise<{ readonly classPath: string } | Skip> {
  try {
    await requireJava()
    const folder = await provisionOnce(`kafka-${kafkaVersion}`, async (target) => {
      await writeFile(join(target, 'pom.xml'), pom)
      const args = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${join(target, 'libs')}`]
      await runCommand({ command: 'mvn', args, cwd: target })
    })
    return { classPath: join(folder, 'libs', '*') }
  } catch (error) {
    return skipOrThrow(`Kafka can't be provided: ${(error as Error).message}`)
  }
}

async function requireJava(): Promise<void> {
  const output = await runCommand({ command: 'java', args: ['-version'] })
  const major = Number(/version "(\d+)/.exec(output)?.[1] ?? 0)
  if (major < javaVersionMin) throw new Error(`java is version ${major}, and Kafka needs ${javaVersionMin}`)
}
