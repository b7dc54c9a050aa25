import { z } from 'zod'
import { kafka } from './kafka.ts'
import { pushed } from './pushed-sources.ts'
import { common, format, sourceName } from './source-values.ts'
import { filePath } from './values.ts'

const file = z
  .strictObject({
    type: z.literal('file').describe('Reads log files.'),
    name: sourceName('file'),
    paths: z
      .array(filePath)
      .min(1)
      .max(1024)
      .describe(
        'Files, plain or .gz; several are merged by event time. Relative paths start at the folder of this file.',
      ),
    format,
    follow: z
      .boolean()
      .default(false)
      .describe(
        'Whether to wait for more at the end of the files, over rotation. Default false: read once and end.',
      ),
    ...common,
  })
  .describe('Files, read once or followed as they grow.')

const stdin = z
  .strictObject({
    type: z.literal('stdin').describe('Reads standard input.'),
    name: sourceName('stdin'),
    format,
    ...common,
  })
  .describe('Standard input. It cannot be read again, so events in flight at a crash are lost.')

/** Where events come from. */
export const sources = z
  .array(z.discriminatedUnion('type', [file, stdin, kafka, ...pushed]))
  .max(64)
  .default([])
  .describe(
    'Where events come from. Default: none, and `run` needs at least one; `replay` names its files itself.',
  )

export type SourceConfig = z.output<typeof sources>[number]
