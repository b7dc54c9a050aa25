import { expect, it } from 'vitest'
import { picketConfigSchema } from '../../../config/picket-config.ts'
import { buildBaseline } from '../../../core/baseline/build-baseline.ts'
import { detectors } from '../../../detectors/detectors.ts'
import { fixedPublicKey } from '../../../ingest/privacy/pseudonym.ts'
import { createDetection } from '../detection.ts'
import { runSetup } from './run-setup.ts'
import { storedDetection } from './stored-detection.ts'

const config = picketConfigSchema.parse({ routes: ['/orders/{id}'] })
const baseline = buildBaseline(
  { space: 'default', lane: 'live', from: 0, to: 3_600_000 },
  Array.from({ length: 168 }, (_, hourOfWeek) => ({
    detector: 'credential-stuffing',
    version: 1,
    measure: 'failures',
    entity: 'route:/login',
    hourOfWeek,
    value: 8,
    count: 20,
  })),
)

function stored(change: (text: string) => string = (text) => text) {
  const configured = detectors.map((detector) => ({ detector, config: detector.config.parse({}) }))
  const common = { config, detectors: configured, baseline, lane: 'live', keeping: 'nothing' } as const
  const { manifest, digest } = createDetection({ ...common, key: fixedPublicKey })
  const { snapshots = [] } = runSetup({ config, manifest, digest, baseline })
  const texts = new Map(
    snapshots.map(({ digest: name, text }) => [name, name === digest ? change(text) : text]),
  )
  return { digest, texts, load: (name = digest) => storedDetection(name, { snapshots: texts }, '/data') }
}

it('is what was in force: settings, detectors and baseline', () => {
  const { digest, load } = stored()
  const found = load()
  expect(found).toMatchObject({ digest, config: { routes: ['/orders/{id}'] } })
  expect(found.detectors.map(({ detector }) => detector.id)).toEqual(detectors.map(({ id }) => id))
  expect(found.baseline.digest).toBe(baseline.digest)
  expect(found.baseline.snapshot.histories.length).toBeGreaterThan(0)
})

it.each([
  [
    'of another Picket',
    (text: string) => text.replace(/"picket":"[^"]+"/, '"picket":"0.0.9"'),
    /under Picket 0\.0\.9/,
  ],
  [
    'of a detector that is gone',
    (text: string) => text.replace('"jti-reuse"', '"jti-reuses"'),
    /no detector jti-reuses/,
  ],
  ['that was changed', (text: string) => text.replace('/orders/', '/order/'), /the state is damaged/],
  [
    'made with another key',
    (text: string) => text.replace(/"privacy":\{/, '"privacy":{"key":"env:PICKET_NO_SUCH_KEY",'),
    /env:PICKET_NO_SUCH_KEY: the environment variable is not set/,
  ],
])('refuses a manifest %s', (_what, change, why) => {
  expect(() => stored(change).load()).toThrow(why)
})

it('refuses one whose key or baseline can not be had, and names those there are', () => {
  process.env.PICKET_OTHER_KEY = 'another key of at least sixteen bytes'
  const change = (text: string) => text.replace(/"privacy":\{/, '"privacy":{"key":"env:PICKET_OTHER_KEY",')
  expect(() => stored(change).load()).toThrow(/is not the one that pseudonyms were made with/)
  const { texts, load, digest } = stored()
  expect(() => load('m1:0000000000000000')).toThrow(`there are ${digest}`)
  texts.delete(baseline.digest)
  expect(() => load()).toThrow(/its baseline b1:.* is not in \/data/)
})
