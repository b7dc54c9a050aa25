import type { PicketConfig } from '../../config/picket-config.ts'
import type { Manifest } from '../../core/manifest/manifest.ts'
import { readControl } from '../../storage/kafka/control-messages.ts'
import type { StoredManifest } from '../runtime/recording/run-setup.ts'
import { readTopics } from './read/read-topics.ts'

/**
 * Under what each partition of entities was judged last, by who judged it, such as `detect 0`. Without those that are not kept.
 *
 * @throws ExitError as `readTopics` does
 */
export async function manifestsInForce(config: PicketConfig): Promise<ReadonlyMap<string, Manifest>> {
  const digests = new Map<string, string>()
  const texts = new Map<string, string>()
  await readTopics(
    config,
    ['control', 'manifests'],
    (part, message) => {
      if (part === 'manifests') {
        if (message.value) texts.set(String(message.key), message.value.toString('utf8'))
        return
      }
      const { by, entry } = readControl(message) ?? {}
      if (by?.startsWith('detect ') && entry?.kind === 'manifest') digests.set(by, entry.digest)
    },
    () => {},
  )
  const inForce = new Map<string, Manifest>()
  for (const [by, digest] of digests) {
    const text = texts.get(digest)
    if (text !== undefined) inForce.set(by, (JSON.parse(text) as StoredManifest).manifest)
  }
  return inForce
}
