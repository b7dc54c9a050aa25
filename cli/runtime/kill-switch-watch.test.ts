import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { killSwitchFile } from './kill-switch-file.ts'
import { killSwitchWatch } from './kill-switch-watch.ts'
import { openLog } from './open-log.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-switch-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('logs each switch once when it is put on, and once when it is put off', () => {
  const path = join(folder, 'kill-switch')
  const lines: Record<string, unknown>[] = []
  const look = killSwitchWatch({
    killSwitch: killSwitchFile(path),
    actions: ['throttle', 'deny'],
    playbooks: () => ['contain-jti-reuse'],
    log: openLog('info', { write: (line) => lines.push(JSON.parse(line)) }),
  })
  const said = () => lines.splice(0).map(({ msg, switch: name }) => `${msg}: ${name}`)
  look()
  expect(said()).toEqual([])
  writeFileSync(path, '')
  look()
  look()
  expect(lines[0]).toMatchObject({ level: 40, by: `the file ${path}` })
  expect(said()).toEqual(['kill switch on: global'])
  writeFileSync(path, 'action deny\nplaybook contain-jti-reuse\n')
  look()
  expect(said()).toEqual([
    'kill switch on: action deny',
    'kill switch on: playbook contain-jti-reuse',
    'kill switch off: global',
  ])
  rmSync(path)
  look()
  expect(said()).toEqual(['kill switch off: action deny', 'kill switch off: playbook contain-jti-reuse'])
})
