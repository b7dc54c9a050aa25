import { resolveSecret, SecretError } from '../../../config/secret.ts'
import { type Baseline, emptyBaseline } from '../../../core/baseline/baseline.ts'
import { parseBaseline } from '../../../core/baseline/baseline-codec.ts'
import type { ConfiguredDetector } from '../../../core/detector/detector.ts'
import { detectors } from '../../../detectors/detectors.ts'
import { fixedPublicKey } from '../../../ingest/privacy/pseudonym.ts'
import type { Recording } from '../../../storage/sqlite/state-logs.ts'
import { createDetection } from '../detection.ts'
import { ExitError, exitCodes } from '../exit.ts'
import { picketVersion } from '../shipped.ts'
import type { DetectionSettings, StoredManifest } from './run-setup.ts'

/** Everything that findings under a manifest depend on, besides the events. */
export interface StoredDetection {
  readonly digest: string
  readonly config: DetectionSettings
  readonly detectors: readonly ConfiguredDetector[]
  readonly baseline: Baseline
  /** The space's key. */
  readonly key: Uint8Array
}

/**
 * What `picket run` stored under the digest of a manifest. Ends the process when it is not there, or when this Picket
 * would judge otherwise than the one that stored it.
 */
export function storedDetection(
  digest: string,
  { snapshots }: Pick<Recording, 'snapshots'>,
  dataDir: string,
): StoredDetection {
  const text = snapshots.get(digest)
  if (text === undefined) throw unknown(digest, [...snapshots.keys()], dataDir)
  const { manifest, settings } = JSON.parse(text) as StoredManifest
  const refuse = (why: string) => new ExitError(exitCodes.refused, `manifest ${digest}: ${why}`)
  if (manifest.picket !== picketVersion)
    throw refuse(
      `it was in force under Picket ${manifest.picket}, and this is ${picketVersion}: replay with that version, or with --manifest self under the code and configuration of now`,
    )
  const configured = manifest.detectors.map(({ id, version, config }) => {
    const detector = detectors.find((one) => one.id === id && one.version === version)
    if (!detector) throw refuse(`this Picket has no detector ${id} of version ${version}`)
    return { detector, config }
  })
  const baselineText = snapshots.get(manifest.baseline)
  if (manifest.baseline !== emptyBaseline.digest && baselineText === undefined)
    throw refuse(`its baseline ${manifest.baseline} is not in ${dataDir}`)
  const baseline =
    baselineText === undefined ? emptyBaseline : parseBaseline(baselineText, `baseline ${manifest.baseline}`)
  const stored = { digest, config: settings, detectors: configured, baseline, key: keyOf(settings, refuse) }
  const again = createDetection({ ...stored, lane: 'replay', keeping: 'nothing' })
  if (again.manifest.key !== manifest.key)
    throw refuse(
      `the key behind ${settings.privacy.key ?? 'privacy.key'} is not the one that pseudonyms were made with then`,
    )
  if (again.digest !== digest)
    throw refuse('what is stored under it does not have this digest: the state is damaged')
  return stored
}

function unknown(digest: string, known: readonly string[], dataDir: string): ExitError {
  const manifests = known.filter((name) => name.startsWith('m1:'))
  const others = manifests.length > 0 ? `there are ${manifests.join(', ')}` : 'it holds none'
  return new ExitError(exitCodes.refused, `no manifest ${digest} is stored in ${dataDir}: ${others}`)
}

function keyOf({ privacy }: DetectionSettings, refuse: (why: string) => ExitError): Uint8Array {
  if (privacy.key === undefined) return fixedPublicKey
  try {
    return Buffer.from(resolveSecret(privacy.key))
  } catch (error) {
    if (error instanceof SecretError) throw refuse(error.message)
    throw error
  }
}
