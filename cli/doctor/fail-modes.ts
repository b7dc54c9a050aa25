import { existsSync } from 'node:fs'
import type { LoadedConfig } from '../../config/load-config.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { type Examination, type Result, resultsAbout } from './examination.ts'

const about = 'fail mode'
const { ok, warn } = resultsAbout(about)

/** What happens to traffic when Picket is down, and what stops it from acting right now. */
export function failModes({ config, playbooks }: LoadedConfig<Detector>): Examination {
  return {
    about,
    examine() {
      const acting = playbooks.filter(({ playbook }) => playbook.mode !== 'dry_run').length
      const acts = `${acting} of ${playbooks.length} playbooks act (the others are in dry_run)`
      return [gateways(config.enforcement.envoy !== undefined, acts), ...killSwitch(config.response)]
    },
  }
}

function gateways(hasEnvoy: boolean, acts: string): Result {
  if (!hasEnvoy) return ok(`no gateway asks Picket, so it is in nobody's way; ${acts}`)
  const mode =
    "envoy: when Picket is down requests pass if Envoy's ext_authz filter says failure_mode_allow: true, and are refused if not"
  return ok(`${mode}; Picket can't see which, so check it there; ${acts}`)
}

function killSwitch({
  kill_switch_file: file,
}: {
  readonly kill_switch_file?: string | undefined
}): Result[] {
  if (file === undefined || !existsSync(file)) return []
  return [warn(`the kill switch is on: ${file} exists`, 'remove the file when Picket is to act again')]
}
