import { z } from 'zod'

export const evidence = z.strictObject({
  route: z.string(),
  /** Routes walked at the same time, the shorter walks of which count together. */
  routes: z.number().int(),
  pace: z.enum(['fast', 'slow']),
  ids: z.number().int(),
  lowest: z.string(),
  highest: z.string(),
  stride: z.string(),
  density: z.number(),
  run_length: z.number().int(),
  refused: z.number().int(),
  missed: z.number().int(),
  /** Objects of another tenant that were served. */
  foreign: z.number().int(),
  per_minute: z.number(),
  sampled: z.boolean(),
})
export type Evidence = z.output<typeof evidence>
