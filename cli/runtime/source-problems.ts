import { accessSync, constants, statSync } from 'node:fs'
import type { LoadedConfig } from '../../config/load-config.ts'
import type { Problem } from '../../config/yaml/problem.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { type ReadAdvice, readAdvice, requireFile } from '../../ingest/sources/files/read-error.ts'
import { loadRdkafka, RdkafkaMissing } from '../../ingest/sources/kafka/rdkafka/rdkafka-module.ts'

/** What sources need of this machine and do not find: files (those to follow may come later), libraries that an operator installs. */
export async function sourceProblems(
  loaded: LoadedConfig<Detector>,
  loadClient: () => Promise<unknown> = loadRdkafka,
): Promise<readonly Problem[]> {
  return [...fileProblems(loaded), ...(await clientProblems(loaded, loadClient))]
}

function fileProblems({ config, problemAt }: LoadedConfig<Detector>): readonly Problem[] {
  return config.sources.flatMap((source, index) => {
    if (source.type !== 'file') return []
    return source.paths.flatMap((path, place) => {
      const found = unreadable(path, source.follow)
      if (found === undefined) return []
      return [problemAt(['sources', index, 'paths', place], `${path}: ${found.what}`, found.todo)]
    })
  })
}

/** Why `picket run` would end when it comes to a path. */
function unreadable(path: string, isFollowed: boolean): ReadAdvice | undefined {
  try {
    requireFile(statSync(path))
    accessSync(path, constants.R_OK)
    return undefined
  } catch (error) {
    const found = readAdvice(error)
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return found
    // What is followed may come later.
    return isFollowed
      ? undefined
      : { ...found, todo: `${found.todo}; follow: true waits for a file that is to come` }
  }
}

async function clientProblems(
  { config, problemAt }: LoadedConfig<Detector>,
  loadClient: () => Promise<unknown>,
): Promise<readonly Problem[]> {
  const places = config.sources.flatMap((source, index) =>
    source.type === 'kafka' && source.client === 'rdkafka' ? [index] : [],
  )
  if (places.length === 0) return []
  try {
    await loadClient()
    return []
  } catch (error) {
    if (!(error instanceof RdkafkaMissing)) throw error
    const { what, todo } = error
    return places.map((index) => problemAt(['sources', index, 'client'], what, todo))
  }
}
