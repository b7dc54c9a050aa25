import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { compileRoutes } from '../core/event/route-table.ts'
import { clusterProblems } from './check-cluster.ts'
import { kafkaProblems } from './check-kafka.ts'
import { pageProblems } from './check-page.ts'
import { isLoopback } from './schema/pushed-sources.ts'
import { recordOf } from './usable-config.ts'
import type { LocatedYaml } from './yaml/located-yaml.ts'
import type { Problem } from './yaml/problem.ts'

/**
 * Settings that are fine alone and wrong together. Looks at what was written, so that a mistake which the schema finds
 * in one setting hides none between others; whatever has the wrong type is passed over. Relative paths start at `folder`.
 */
export function checkConfig(yaml: LocatedYaml, folder: string): readonly Problem[] {
  const { sources, routes, clickhouse, actions } = recordOf(yaml.data)
  return [
    ...sourceProblems(listOf(sources).map(recordOf), yaml),
    ...listOf(sources).flatMap((source, index) => pathProblems(recordOf(source), index, yaml, folder)),
    ...kafkaProblems(yaml),
    ...routeProblems(listOf(routes), yaml),
    ...clickhouseProblems(recordOf(clickhouse), yaml),
    ...pageProblems(recordOf(actions).page, yaml),
    ...clusterProblems(yaml),
  ]
}

type Settings = Readonly<Record<string, unknown>>

/** A position is identified by the name of its source, so two sources can't share one. */
function sourceProblems(sources: readonly Settings[], yaml: LocatedYaml): readonly Problem[] {
  const found: Problem[] = []
  const seen = new Set<unknown>()
  for (const [index, { type, name = type, token, more_tokens: more, listen }] of sources.entries()) {
    if (type === 'stdin' && sources.findIndex((other) => other.type === 'stdin') < index) {
      const range = yaml.rangeOf(['sources', index, 'type'])
      found.push(yaml.problem(range, 'standard input can be one source only', 'keep one of them'))
    } else if (typeof name === 'string' && seen.has(name)) {
      const range = yaml.rangeOf(['sources', index, 'name'])
      const message = `a second source is called '${name.slice(0, 64)}'`
      found.push(
        yaml.problem(range, message, 'give each source its own `name`; without one it is called as its type'),
      )
    }
    seen.add(name)
    const { host = '127.0.0.1' } = recordOf(listen)
    if (token === 'none' && Array.isArray(more) && more.length > 0) {
      const range = yaml.rangeOf(['sources', index, 'more_tokens'])
      const message = '`token: none` lets everybody in, so further tokens would keep nobody out'
      found.push(yaml.problem(range, message, 'make the first of them the `token`'))
    }
    if (token === 'none' && typeof host === 'string' && !isLoopback(host)) {
      const range = yaml.rangeOf(['sources', index, 'token'])
      const message = `without a token anybody who reaches ${host.slice(0, 64)} could make up events`
      found.push(yaml.problem(range, message, 'set `token: env:NAME`, or listen on 127.0.0.1'))
    }
  }
  return found
}

/** Whoever writes `*.log` means what a shell makes of it, and the source would wait for a file of that very name. */
function pathProblems(
  { type, paths }: Settings,
  index: number,
  yaml: LocatedYaml,
  folder: string,
): readonly Problem[] {
  if (type !== 'file') return []
  return listOf(paths).flatMap((path, place) => {
    if (typeof path !== 'string' || !/[*?]|\[.+\]|\{.*,.*\}/.test(path)) return []
    if (existsSync(resolve(folder, path))) return []
    const range = yaml.rangeOf(['sources', index, 'paths', place])
    const message = 'patterns are not expanded, and no file is called so'
    return [yaml.problem(range, message, 'name each file; follow: true goes on with a file after rotation')]
  })
}

function routeProblems(routes: readonly unknown[], yaml: LocatedYaml): readonly Problem[] {
  return routes.flatMap((route, index) => {
    // What is no path at all, the schema says.
    if (typeof route !== 'string' || !route.startsWith('/')) return []
    try {
      compileRoutes([route])
      return []
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      return [yaml.problem(yaml.rangeOf(['routes', index]), message)]
    }
  })
}

function clickhouseProblems({ url, embedded, password }: Settings, yaml: LocatedYaml): readonly Problem[] {
  if (url !== undefined && embedded === true) {
    const range = yaml.rangeOf(['clickhouse', 'embedded'])
    return [
      yaml.problem(range, 'clickhouse is either embedded or a server with a url', 'remove one of the two'),
    ]
  }
  if (url === undefined && password !== undefined) {
    const range = yaml.rangeOf(['clickhouse', 'password'])
    return [
      yaml.problem(
        range,
        'clickhouse.password is for a server, and there is no url',
        'add `url`, or remove it',
      ),
    ]
  }
  return []
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
