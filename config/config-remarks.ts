import type { Playbook } from '../core/response/playbook.ts'
import { durationMs } from '../core/time/duration.ts'
import type { PicketConfig } from './picket-config.ts'
import type { ActionDescription } from './playbook/check-step.ts'
import type { LocatedYaml, YamlPath } from './yaml/located-yaml.ts'
import { placedProblem } from './yaml/placed-problem.ts'
import type { Problem } from './yaml/problem.ts'

/** Until a topic that appears is read, milliseconds: Kafka is asked which there are every 10 s. */
const foundMsMax = 15_000

/** What works but deserves a look, such as the public key of pseudonyms, at the place to change. */
export function configRemarks(
  config: PicketConfig,
  playbooks: readonly Playbook[],
  actions: readonly ActionDescription[],
  yaml: LocatedYaml,
): readonly Problem[] {
  // Nothing is judged live without a source, so there is nobody to protect, and a demo or replay reaches nobody.
  if (config.sources.length === 0) return []
  const remarks: Problem[] = []
  const remark = (path: YamlPath, message: string) => {
    remarks.push(placedProblem(yaml, path, message))
  }
  if (config.privacy.key === undefined) {
    remark(
      ['privacy', 'key'],
      'privacy.key is not set: pseudonyms are made with a public key, under which accounts can be guessed',
    )
  }
  for (const [index, source] of config.sources.entries()) {
    if (source.type === 'kafka' && durationMs(source.lateness) < foundMsMax) {
      const at = source.topics.findIndex(({ pattern }) => pattern !== undefined)
      const message = `topics that come to match are found within ${foundMsMax / 1000} s, and with less lateness their first events may be late`
      if (at >= 0) remark(['sources', index, 'topics', at, 'pattern'], message)
    }
    if (source.type !== 'kafka' || source.sasl?.mechanism !== 'plain' || isTls(source)) continue
    const message = `source ${source.name} sends its password readable: sasl plain without ssl`
    remark(['sources', index, 'sasl', 'mechanism'], message)
  }
  const enforcing = new Set(actions.filter(({ enforces }) => enforces).map(({ id }) => id))
  for (const { id, mode, steps } of playbooks) {
    if (mode === 'dry_run') continue
    if (config.actions.page === undefined && steps.some(({ action }) => action === 'page')) {
      const message = `playbook ${id} is in ${mode} and pages, but nobody is told: set actions.page.routing_key`
      remark(['actions', 'page'], message)
    }
    if (config.enforcement.envoy === undefined && steps.some(({ action }) => enforcing.has(action))) {
      const message = `playbook ${id} is in ${mode}, but nothing obeys its decisions: set enforcement.envoy`
      remark(['enforcement', 'envoy'], message)
    }
  }
  return remarks
}

/** Whether TLS is spoken with Kafka. */
function isTls({
  ssl,
  tls,
}: {
  readonly ssl?: boolean | undefined
  readonly tls?: object | undefined
}): boolean {
  return ssl ?? tls !== undefined
}
