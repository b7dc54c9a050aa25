import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import type { LoadedConfig } from '../../../config/load-config.ts'
import type { Detector } from '../../../core/detector/detector.ts'
import { canonicalJson } from '../../../core/manifest/canonical-json.ts'
import type { Executor } from '../../../core/response/executor.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import { pageReceiver } from '../page-receiver.ts'
import { type ResponderOptions, responseSettings } from '../responder.ts'

export interface ReloadResponseOptions {
  readonly pipeline: Pick<Pipeline, 'report' | 'checkpoint' | 'boundary'>
  readonly executor: Pick<Executor, 'reload'>
  readonly table: ResponderOptions['table']
  readonly log: Pick<Logger, 'level'>
}

/**
 * Puts playbooks, response, actions and log level of a configuration in force, together. What can fail (a secret that is
 * not there) is done first; the control log has the change before the first step is taken under it.
 */
export async function reloadResponse(
  loaded: LoadedConfig<Detector>,
  { pipeline, executor, table, log }: ReloadResponseOptions,
): Promise<void> {
  const settings = responseSettings({ loaded, lane: 'live', table, page: pageReceiver(loaded.config) })
  const digest = responseDigest(loaded)
  pipeline.report({ control: [{ kind: 'response', at: pipeline.boundary, digest }] })
  await pipeline.checkpoint()
  executor.reload(settings)
  log.level = loaded.config.log.level
}

/** Names what may be done about findings: `r1:` and 16 hex digits. Secrets are in it as references only. */
export function responseDigest({ config, playbooks }: LoadedConfig<Detector>): string {
  const files = playbooks.map(({ playbook: { id, digest, mode } }) => ({ id, digest, mode }))
  const text = canonicalJson({ playbooks: files, response: config.response, actions: config.actions })
  return `r1:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
}
