import { createHash } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from '../manifest/canonical-json.ts'
import { type Baseline, type BaselineSnapshot, createBaseline, emptyBaseline } from './baseline.ts'

/** Raised when the meaning of a snapshot changes; older and newer ones are refused, for a rebuild is cheap. */
const formatVersion = 1

const stats = z.strictObject({
  centre: z.number(),
  spread: z.number().min(0),
  samples: z.number().int().positive(),
})

const schema = z.strictObject({
  format: z.literal('picket-baseline'),
  version: z.literal(formatVersion),
  digest: z.string(),
  snapshot: z.strictObject({
    space: z.string(),
    lane: z.string(),
    from: z.number().int(),
    to: z.number().int(),
    histories: z.array(
      z.strictObject({
        detector: z.string(),
        version: z.number().int(),
        measure: z.string(),
        of: z.string(),
        all: stats,
        hours: z.array(z.tuple([z.number().int().min(0).max(167), stats])),
      }),
    ),
  }),
})

const advice = 'build it again with `picket baseline build`'

/** Names a snapshot: `b1:` and the first 16 hex digits of the SHA-256 of its canonical JSON. */
export function baselineDigest(snapshot: BaselineSnapshot): string {
  return `b${formatVersion}:${createHash('sha256').update(canonicalJson(snapshot)).digest('hex').slice(0, 16)}`
}

/** The baseline as text to keep; equal baselines give equal bytes. */
export function serializeBaseline({ digest, snapshot }: Baseline): string {
  return `${canonicalJson({ format: 'picket-baseline', version: formatVersion, digest, snapshot })}\n`
}

/**
 * Reads what `serializeBaseline` wrote.
 *
 * @throws Error naming `source` and what is wrong: not JSON, another version, damaged (the digest disagrees)
 */
export function parseBaseline(text: string, source: string): Baseline {
  const value = parseJson(text, source)
  const version = (value as { version?: unknown } | null)?.version
  if (typeof version === 'number' && version !== formatVersion) {
    const problem = `${source} is a baseline of version ${version}, and this Picket reads version ${formatVersion}`
    throw new Error(`${problem}: ${advice}`)
  }
  const result = schema.safeParse(value)
  if (!result.success) {
    const [issue] = result.error.issues
    const where = issue?.path.length ? ` at ${issue.path.join('.')}` : ''
    throw new Error(`${source} is not a baseline: ${issue?.message}${where}; ${advice}`)
  }
  const { digest, snapshot } = result.data
  if (digest === emptyBaseline.digest && snapshot.histories.length === 0) return emptyBaseline
  if (baselineDigest(snapshot) !== digest) {
    throw new Error(
      `${source} is damaged or was edited: its content does not have the digest ${digest}; ${advice}`,
    )
  }
  return createBaseline(snapshot, digest)
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`${source} is not a baseline: ${(error as Error).message}; ${advice}`)
  }
}
