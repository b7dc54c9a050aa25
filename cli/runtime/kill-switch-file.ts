import { readFileSync } from 'node:fs'
import type { KillSwitch } from '../../core/ports/kill-switch.ts'

/**
 * The emergency stop as a file, which works when all else is down: `touch kill-switch` stops everything. With lines in
 * it, it stops only these: `action throttle`, `playbook contain-jti-reuse`. A line that is neither stops everything,
 * because whoever wrote it wanted something to stop; so does a file that can't be read.
 */
export function killSwitchFile(path: string): KillSwitch {
  function lines(): readonly string[] | undefined {
    try {
      return readFileSync(path, 'utf8')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : []
    }
  }
  return {
    engaged(level, id) {
      const wanted = lines()
      if (wanted === undefined) return undefined
      const known = wanted.every((line) => /^(action|playbook) [\w.-]+$/.test(line))
      if (level === 'global') return wanted.length === 0 || !known ? `the file ${path}` : undefined
      const name = level === 'connector' ? 'action' : 'playbook'
      return wanted.includes(`${name} ${id}`) ? `the file ${path}, line '${name} ${id}'` : undefined
    },
  }
}

/** Replay and demo act on nothing real, so there is nothing to stop. */
export const noKillSwitch: KillSwitch = { engaged: () => undefined }
