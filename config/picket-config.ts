import { z } from 'zod'
import { cluster } from './schema/cluster.ts'
import { actions, clickhouse, enforcement } from './schema/connections.ts'
import { ingest } from './schema/ingest.ts'
import { deadLetters } from './schema/kafka.ts'
import { response } from './schema/response.ts'
import { sources } from './schema/sources.ts'
import { status } from './schema/status.ts'
import { filePath, name, secretReference } from './schema/values.ts'

const detectors = z
  .record(
    name,
    z.looseObject({
      enabled: z.boolean().default(true).describe('Whether the detector runs. Default true.'),
    }),
  )
  .default({})
  .describe(
    'Settings of detectors by id, over their defaults; `picket detectors show <id>` lists them with costs. Default: every detector runs with its defaults.',
  )

/** `picket.yaml`. Durations stay text (`durationMs` reads them), shares become numbers from 0 to 1. */
export const picketConfigSchema = z
  .strictObject({
    space: name
      .default('default')
      .describe(
        "The installation's own partition of everything: keys, ids, baselines, decisions. Default 'default'. Changing it starts empty.",
      ),
    data_dir: filePath
      .default('.picket')
      .describe(
        'Folder for state and copies. Default `.picket` beside this file. It grows with entities and history; put it on a local disk.',
      ),
    workers: z
      .number()
      .int()
      .min(1)
      .max(64)
      .default(1)
      .describe(
        'Threads that judge, each some of the detectors; more than there are detectors are not started. Default 1, which is enough while a core keeps up; each costs the memory of its own decoder. Findings are the same.',
      ),
    cluster: cluster.optional(),
    sources,
    ingest,
    dead_letters: deadLetters,
    routes: z
      .array(z.string().regex(/^\//, 'must start with /').max(512))
      .max(10_000)
      .default([])
      .describe(
        'Path templates such as `/orders/{id}`, tried before segment shapes. Default: none, so ids are told by their shape only; changing them changes the manifest.',
      ),
    privacy: z
      .strictObject({
        key: secretReference
          .optional()
          .describe(
            'Reference to the key of pseudonyms, at least 16 characters: env:NAME or file:/path. Default: a public key, with a notice, under which accounts can be guessed.',
          ),
        principals: z
          .boolean()
          .default(false)
          .describe(
            'Whether principals become pseudonyms too, as accounts do. Default false; with true, lists of principals in this file must hold pseudonyms.',
          ),
      })
      .prefault({})
      .describe('What becomes a pseudonym, and by which key.'),
    detectors,
    playbooks: z
      .array(filePath)
      .max(256)
      .default(['shipped'])
      .describe(
        'Playbook files, folders of them, or the word `shipped` for those that come with Picket. Default: shipped, all in dry_run. An empty list finds but does nothing.',
      ),
    response,
    actions,
    enforcement,
    clickhouse,
    status,
    log: z
      .strictObject({
        level: z
          .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
          .default('info')
          .describe('Least severe message that is logged. Default info; debug costs a line for every batch.'),
      })
      .prefault({})
      .describe('Logging of Picket itself, to standard error.'),
    $schema: z.string().optional().describe('Address of the JSON Schema, for editors. Ignored.'),
  })
  .describe('Configuration of Picket.')

export type PicketConfig = z.output<typeof picketConfigSchema>
