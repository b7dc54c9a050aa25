import type { z } from 'zod'
import { didYouMean } from '../yaml/did-you-mean.ts'
import { type PlaybookFile, type PlaybookStep, playbookSchema, stepSchema } from './playbook-schema.ts'

/** A step, as far as it can be read. */
export interface UsableStep {
  readonly values: Partial<PlaybookStep>
  /** Settings that are there and can't be used, also under a misspelt name: nothing follows from their absence. */
  readonly broken: ReadonlySet<string>
}

/** What can be used of a playbook file; all of it when the file fits its schema. */
export interface UsablePlaybook {
  readonly id?: string
  readonly on?: string
  readonly accepts: PlaybookFile['accepts']
  /** By their place in the file; absent for what is no step. */
  readonly steps: readonly (UsableStep | undefined)[]
}

/** Reads each part of a playbook by itself, so that a mistake in one hides none in another. */
export function usablePlaybook(data: unknown): UsablePlaybook {
  const { values } = usableParts(playbookSchema.shape, data)
  const steps = isRecord(data) && Array.isArray(data.steps) ? data.steps.slice(0, 32) : []
  const { id, on, accepts = 'final' } = values as Partial<PlaybookFile>
  return {
    ...(id === undefined ? {} : { id }),
    ...(on === undefined ? {} : { on }),
    accepts,
    steps: steps.map((step) => (isRecord(step) ? usableParts(stepSchema.shape, step) : undefined)),
  }
}

/** `with` stays as it was written, because a record of zod drops what is called `__proto__`. */
function usableParts(shape: z.core.$ZodLooseShape, data: unknown): UsableStep {
  const raw = isRecord(data) ? data : {}
  const known = Object.keys(shape)
  const values: Record<string, unknown> = {}
  const broken = new Set<string>()
  for (const [key, schema] of Object.entries(shape)) {
    const parsed = (schema as z.ZodType).safeParse(Object.hasOwn(raw, key) ? raw[key] : undefined)
    if (!parsed.success) broken.add(key)
    else if (key === 'with' && isRecord(raw.with)) values.with = raw.with
    else if (parsed.data !== undefined) values[key] = parsed.data
  }
  for (const key of Object.keys(raw)) {
    const meant = known.includes(key) ? undefined : didYouMean(key, known)
    if (meant !== undefined) broken.add(meant)
  }
  return { values, broken }
}

function isRecord(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
}
