import { compileRoutes } from '../core/event/route-table.ts'
import type { PicketConfig } from './picket-config.ts'
import type { LocatedYaml } from './yaml/located-yaml.ts'
import type { Problem } from './yaml/problem.ts'

/** Settings that are fine alone and wrong together. */
export function checkConfig(config: PicketConfig, yaml: LocatedYaml): readonly Problem[] {
  return [
    ...sourceProblems(config, yaml),
    ...routeProblems(config, yaml),
    ...clickhouseProblems(config, yaml),
  ]
}

/** A position is identified by the name of its source, so two sources can't share one. */
function sourceProblems({ sources }: PicketConfig, yaml: LocatedYaml): readonly Problem[] {
  const found: Problem[] = []
  const seen = new Set<string>()
  for (const [index, source] of sources.entries()) {
    if (seen.has(source.name)) {
      const range = yaml.rangeOf(['sources', index, 'name'])
      const message = `a second source is called '${source.name}'`
      found.push(
        yaml.problem(range, message, 'give each source its own `name`; without one it is called as its type'),
      )
    }
    seen.add(source.name)
    if (source.type !== 'kafka') continue
    const topics = source.topics.map(({ name }) => name)
    const again = topics.findIndex((name, place) => topics.indexOf(name) < place)
    if (again >= 0) {
      const range = yaml.rangeOf(['sources', index, 'topics', again, 'name'])
      found.push(yaml.problem(range, `topic '${topics[again]}' stands here twice`, 'keep one of them'))
    }
  }
  if (sources.filter(({ type }) => type === 'stdin').length > 1) {
    found.push(yaml.problem(yaml.rangeOf(['sources']), 'standard input can be one source only'))
  }
  return found
}

function routeProblems({ routes }: PicketConfig, yaml: LocatedYaml): readonly Problem[] {
  return routes.flatMap((route, index) => {
    try {
      compileRoutes([route])
      return []
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      return [yaml.problem(yaml.rangeOf(['routes', index]), message)]
    }
  })
}

function clickhouseProblems({ clickhouse }: PicketConfig, yaml: LocatedYaml): readonly Problem[] {
  if (clickhouse.url !== undefined && clickhouse.embedded === true) {
    const range = yaml.rangeOf(['clickhouse', 'embedded'])
    return [
      yaml.problem(range, 'clickhouse is either embedded or a server with a url', 'remove one of the two'),
    ]
  }
  if (clickhouse.url === undefined && clickhouse.password !== undefined) {
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
