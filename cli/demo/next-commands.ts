import { basename, join, relative } from 'node:path'
import { argv, cwd } from 'node:process'
import { packageFolder } from '../runtime/shipped.ts'

export interface NextCommand {
  readonly command: string
  readonly why: string
}

/** Three commands that work as they stand in the folder where the demo was started. */
export function nextCommands(): NextCommand[] {
  const picket = invocation()
  const attack = shown('detectors', 'sequential-enumeration', 'fixtures', 'attack.ndjson')
  return [
    {
      command: `${picket} replay ${attack}`,
      why: 'judge a log: this one, or one of your own (nginx, Apache, Envoy or NDJSON, plain or .gz)',
    },
    {
      command: `${picket} detectors show credential-stuffing`,
      why: 'what a detector sees and misses, and each setting with its default',
    },
    {
      command: `${picket} check --config ${shown('picket.example.yaml')}`,
      why: 'check a configuration; copy this one to picket.yaml, adapt it, and start with: run',
    },
  ]
}

/** How this process was called: from the repository there is no `picket` on the path. */
function invocation(): string {
  const script = argv[1] ?? ''
  const path = relative(cwd(), script)
  return basename(script) === 'main.js' && !path.startsWith('..') ? `node ${path}` : 'picket'
}

function shown(...path: readonly string[]): string {
  const absolute = join(packageFolder, ...path)
  const short = relative(cwd(), absolute)
  return short.startsWith('..') ? absolute : short
}
