import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cwd } from 'node:process'
import { createActions } from '../../actions/actions.ts'
import { createSimulatedHttpClient } from '../../actions/http/simulated-http-client.ts'
import type { ConfigContext } from '../../config/load-config.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { detectors } from '../../detectors/detectors.ts'

/** Folder of the package: the same from the sources and from `dist/`. */
export const packageFolder = ((): string => {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
})()

/** Version of Picket's code; part of every manifest. */
export const picketVersion = (
  JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }
).version

/** What configurations are checked against: everything that ships. */
export function configContext(): ConfigContext<Detector> {
  const described = createActions({
    decisions: { list: () => [] },
    page: { http: createSimulatedHttpClient(), routingKey: 'description only' },
  })
  return {
    detectors,
    actions: [...described.values()],
    shippedPlaybooks: join(packageFolder, 'playbooks'),
    folder: cwd(),
  }
}
