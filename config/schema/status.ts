import { z } from 'zod'
import { port } from './values.ts'

/** Where probes and Prometheus ask how `picket run` is. */
export const status = z
  .strictObject({
    listen: z
      .strictObject({
        host: z
          .string()
          .min(1)
          .max(253)
          .default('127.0.0.1')
          .describe(
            'Address to listen on. Default 127.0.0.1. There is no login: whoever reaches it reads counts, names of sources and paths of log files, and no event.',
          ),
        port: port.default(9464).describe('TCP port. Default 9464.'),
      })
      .prefault({})
      .describe('Where the HTTP server listens.'),
  })
  .optional()
  .describe('Answers /healthz, /readyz and /metrics by HTTP; `status: {}` is enough. Default: not started.')
