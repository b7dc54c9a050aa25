import { expect, it } from 'vitest'
import { type ConfigResult, configFromText, type LoadedConfig } from '../../../config/load-config.ts'
import type { Detector } from '../../../core/detector/detector.ts'
import { openLog } from '../open-log.ts'
import { configContext } from '../shipped.ts'
import { reloader } from './reloader.ts'

const context = configContext()
const result = (text: string) => configFromText('picket.yaml', text, '/etc/picket', context)

/** A reloader whose configuration is `texts`, one after the other. */
function started(texts: readonly string[], apply: () => Promise<void> = async () => {}) {
  const lines: Record<string, unknown>[] = []
  const applied: (readonly string[])[] = []
  const next = [...texts]
  const reload = reloader({
    loaded: result('') as ConfigResult<Detector> & LoadedConfig<Detector>,
    load: () => result(next.shift() ?? ''),
    async apply(_next, changed) {
      await apply()
      applied.push(changed)
    },
    log: openLog('info', { write: (line) => lines.push(JSON.parse(line)) }),
  })
  return { reload, lines, applied }
}

it('changes together what can change, and knows afterwards what is in force', async () => {
  const debug = 'log: { level: debug }\nresponse: { actionable_for: 5m }\n'
  const { reload, lines, applied } = started([debug, debug, ''])
  for (let time = 0; time < 3; time++) await reload()
  expect(applied).toEqual([
    ['log', 'response'],
    ['log', 'response'],
  ])
  expect(lines.map(({ msg }) => msg)).toEqual(['reloaded', 'reload: nothing has changed', 'reloaded'])
})

it('changes nothing when there is a problem, and tells all of them without the lines of the file', async () => {
  const { reload, lines, applied } = started(['log: { level: loud }\nworkers: hunter2\n'])
  await reload()
  expect(applied).toEqual([])
  expect(lines).toMatchObject([{ level: 50, msg: expect.stringContaining('has problems') }])
  expect(lines[0]?.problems).toHaveLength(2)
  expect(JSON.stringify(lines)).not.toContain('hunter2')
})

it('changes nothing when a part needs a restart, and names both', async () => {
  const { reload, lines, applied } = started(['log: { level: debug }\nworkers: 2\n'])
  await reload()
  expect(applied).toEqual([])
  expect(lines).toMatchObject([{ needs_restart: ['workers'], not_changed_either: ['log'] }])
})

it('says when it could not be put in force, and tries the same again the next time', async () => {
  let fails = true
  const { reload, lines, applied } = started(['log: { level: debug }', 'log: { level: debug }'], async () => {
    if (fails) throw new Error('secret env:PAGE: the environment variable is not set')
  })
  await reload()
  expect(lines).toMatchObject([{ level: 50, problems: [expect.stringContaining('env:PAGE')] }])
  fails = false
  await reload()
  expect(applied).toEqual([['log']])
})
