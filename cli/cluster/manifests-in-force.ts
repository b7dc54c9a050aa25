import type { PicketConfig } from '../../config/picket-config.ts'
import type { Manifest } from '../../core/manifest/manifest.ts'
import { type ControlRecord, readControl } from '../../storage/kafka/control-messages.ts'
import type { StoredManifest } from '../runtime/recording/run-setup.ts'
import { readTopics } from './read/read-topics.ts'

/** Under what a partition of entities was judged last, or why nobody can tell. */
export type InForce = { readonly manifest: Manifest } | { readonly unknown: string }

/**
 * Under what each partition of entities was judged last, by who judged it, such as `detect 0`. The control topic forgets by age,
 * so it may name nothing of one that is judged.
 *
 * @throws ExitError as `readTopics` does
 */
export async function manifestsInForce(config: PicketConfig): Promise<ReadonlyMap<string, InForce>> {
  /** Digests; `undefined` after an entry that may have named one. */
  const digests = new Map<string, string | undefined>()
  const texts = new Map<string, string>()
  await readTopics(
    config,
    ['control', 'manifests'],
    (part, message) => {
      if (part === 'manifests') {
        if (message.value) texts.set(String(message.key), message.value.toString('utf8'))
        return
      }
      const by = String(message.key)
      if (!by.startsWith('detect ')) return
      let control: ControlRecord | undefined
      try {
        control = readControl(message)
      } catch {
        digests.set(by, undefined)
      }
      if (control?.entry.kind === 'manifest') digests.set(by, control.entry.digest)
    },
    () => {},
  )
  return new Map([...digests].map(([by, digest]) => [by, inForce(digest, texts)]))
}

function inForce(digest: string | undefined, texts: ReadonlyMap<string, string>): InForce {
  if (digest === undefined) return { unknown: "its newest entry in the control topic can't be read" }
  const text = texts.get(digest)
  if (text === undefined) return { unknown: `the topic of manifests has no ${digest}` }
  try {
    const { manifest } = JSON.parse(text) as Partial<StoredManifest>
    if (Array.isArray(manifest?.detectors)) return { manifest }
  } catch {
    // Told below, as that of another version.
  }
  return { unknown: `what the topic of manifests has as ${digest} can't be read` }
}
