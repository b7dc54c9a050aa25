import { createHash } from 'node:crypto'
import type { PicketConfig } from '../../config/picket-config.ts'
import { type Baseline, emptyBaseline } from '../../core/baseline/baseline.ts'
import type { ConfiguredDetector } from '../../core/detector/detector.ts'
import type { Lane } from '../../core/detector/finding.ts'
import { Engine } from '../../core/engine/engine.ts'
import type { EngineOptions } from '../../core/engine/engine-options.ts'
import type { Keeping } from '../../core/engine/slot-changes.ts'
import { trafficShape } from '../../core/engine/traffic-shape.ts'
import { type KeyedHash, keyedHash } from '../../core/hash/keyed-hash.ts'
import { canonicalJson } from '../../core/manifest/canonical-json.ts'
import { type Manifest, manifestDigest } from '../../core/manifest/manifest.ts'
import { type Share, sharedOut } from './shares.ts'
import { picketVersion } from './shipped.ts'

export interface DetectionOptions {
  readonly config: Pick<PicketConfig, 'space' | 'routes' | 'ingest' | 'privacy'>
  readonly detectors: readonly ConfiguredDetector[]
  readonly lane: Lane
  /** The space's key: pseudonyms and samples are made with it. */
  readonly key: Uint8Array
  readonly baseline?: Baseline
  /** What becomes of its state. */
  readonly keeping: Keeping
  /** All detectors when absent. The first share also has the traffic's shape, which response asks for. */
  readonly share?: Share
  /** Entities held, and when logs of state are cleaned, where these are measured or tested; as in a run when absent. */
  readonly bounds?: Pick<EngineOptions, 'entitiesMax' | 'openMax' | 'packBounds'>
}

export interface Detection {
  readonly engine: Engine
  readonly manifest: Manifest
  /** Digest of the manifest. */
  readonly digest: string
}

/** An engine with its share of the detectors, and the manifest that names everything that findings depend on. */
export function createDetection(options: DetectionOptions): Detection {
  const { config, detectors, lane, key, baseline = emptyBaseline, share = { index: 0, of: 1 } } = options
  const keyDigest = sampleKey(key)
  const manifest: Manifest = {
    picket: picketVersion,
    space: config.space,
    detectors: detectors.map(({ detector, config: own }) => ({
      id: detector.id,
      version: detector.version,
      config: own,
    })),
    baseline: baseline.digest,
    // How records become events decides about findings as much as routes do.
    routes: sha256(
      canonicalJson({ routes: config.routes, ingest: config.ingest, principals: config.privacy.principals }),
    ),
    key: keyDigest.toString('hex').slice(0, 16),
  }
  const digest = manifestDigest(manifest)
  const engine = new Engine({
    space: config.space,
    lane,
    keeping: options.keeping,
    manifest: digest,
    detectors: sharedOut([...detectors, { detector: trafficShape, config: {} }], share),
    ...options.bounds,
    hash: sampleHash(key),
    threshold: ({ id, version }, entity, at, measure, wanted) =>
      baseline.threshold({ detector: id, version, entity, at, measure, ...wanted }),
  })
  return { engine, manifest, digest }
}

function sampleKey(key: Uint8Array): Buffer {
  return createHash('sha256').update('picket sample key').update(key).digest()
}

/** The hash by which samples and shards are chosen, from the space's key. */
export function sampleHash(key: Uint8Array): KeyedHash {
  const digest = sampleKey(key)
  return keyedHash(digest.readInt32LE(0), digest.readInt32LE(4))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
