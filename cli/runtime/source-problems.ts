import { accessSync, constants } from 'node:fs'
import type { LoadedConfig } from '../../config/load-config.ts'
import type { Problem } from '../../config/yaml/problem.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { loadRdkafka, RdkafkaMissing } from '../../ingest/sources/kafka/rdkafka/rdkafka-module.ts'

/** What sources need of this machine and do not find: files that are read once, libraries that an operator installs. */
export async function sourceProblems(
  loaded: LoadedConfig<Detector>,
  loadClient: () => Promise<unknown> = loadRdkafka,
): Promise<readonly Problem[]> {
  return [...fileProblems(loaded), ...(await clientProblems(loaded, loadClient))]
}

function fileProblems({ config, problemAt }: LoadedConfig<Detector>): readonly Problem[] {
  return config.sources.flatMap((source, index) => {
    // What is followed may come later.
    if (source.type !== 'file' || source.follow) return []
    return source.paths.flatMap((path, place) => {
      const why = whyUnreadable(path)
      if (why === undefined) return []
      const hint = 'check the path; follow: true waits for a file that is to come'
      return [problemAt(['sources', index, 'paths', place], `${path}: ${why}`, hint)]
    })
  })
}

function whyUnreadable(path: string): string | undefined {
  try {
    accessSync(path, constants.R_OK)
    return undefined
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? 'there is no such file' : `it can't be read (${code ?? message})`
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
