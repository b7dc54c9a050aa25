import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
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

it('what docker-compose.yml mounts is there, and every image has a pinned tag', () => {
  const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8')) as {
    services: Record<string, { image?: string; volumes?: string[]; healthcheck?: object; restart?: string }>
  }
  for (const [name, { image, volumes = [], healthcheck, restart }] of Object.entries(compose.services)) {
    if (image) expect(image, name).toMatch(/:v?\d+\.\d+/)
    if (restart !== 'no') expect(healthcheck, `${name} has a health check`).toBeDefined()
    for (const volume of volumes.filter((one) => one.startsWith('./'))) {
      expect(() => readFileSync(join(root, volume.split(':')[0] ?? ''))).not.toThrow()
    }
  }
})
