import { join } from 'node:path'
import { expect, it } from 'vitest'
import { configContext } from '../cli/runtime/shipped.ts'
import { loadConfig } from '../config/load-config.ts'
import { formatProblem } from '../config/yaml/format-problem.ts'
import { detectors } from '../detectors/detectors.ts'

const root = join(import.meta.dirname, '..')

it.each([undefined, 'picket.example.yaml', 'examples/compose/picket.yaml', 'cli/demo/demo.yaml'])(
  '%s loads against the real detectors and actions',
  (file) => {
    const result = loadConfig(file && join(root, file), configContext())
    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([])
  },
)

it('every detector has a shipped playbook, in dry_run', () => {
  const result = loadConfig(undefined, configContext())
  if (!result.ok) throw new Error('the defaults do not load')
  for (const { id } of detectors) {
    const own = result.playbooks.find(({ playbook }) => playbook.on.source.includes(`'${id}'`))
    expect(own?.playbook.mode, id).toBe('dry_run')
  }
})
