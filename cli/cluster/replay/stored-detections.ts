import type { Detector } from '../../../core/detector/detector.ts'
import { trafficShape } from '../../../core/engine/traffic-shape.ts'
import { type StoredDetection, storedDetection } from '../../runtime/recording/stored-detection.ts'
import { layoutDigest } from '../cluster.ts'
import type { ClusterRecording } from './cluster-recording.ts'

/** What manifests of a cluster stand for, each read once. */
export class StoredDetections {
  readonly #read: (digest: string) => StoredDetection
  readonly #byDigest = new Map<string, StoredDetection>()
  readonly #layouts = new Map<StoredDetection, string>()

  /** `where` they are stored, for messages; `instead` is taken in place of all. */
  constructor(recording: Pick<ClusterRecording, 'snapshots'>, where: string, instead?: string) {
    this.#read = (digest) => storedDetection(instead ?? digest, recording, where)
  }

  /** Throws `ExitError` as `storedDetection` does. */
  of(manifest: string): StoredDetection {
    const known = this.#byDigest.get(manifest)
    if (known) return known
    const read = this.#read(manifest)
    const detection = [...this.#byDigest.values()].find(({ digest }) => digest === read.digest) ?? read
    this.#byDigest.set(manifest, detection)
    return detection
  }

  /** Digest of what collectors and judges must agree in. */
  layoutOf(detection: StoredDetection): string {
    const { config, detectors, key } = detection
    const collected = [...detectors, { detector: trafficShape as Detector, config: {} }]
    const layout = this.#layouts.get(detection) ?? layoutDigest(config.space, collected, key)
    this.#layouts.set(detection, layout)
    return layout
  }
}
