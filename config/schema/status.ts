import { z } from 'zod'
import { listenAddress } from './listen.ts'

/** Where probes and Prometheus ask how `picket run` is. */
export const status = z
  .strictObject({
    listen: listenAddress(9464, {
      host: '. There is no login: whoever reaches it reads counts, names of sources and paths of log files, and no event.',
      what: 'Where the HTTP server listens.',
    }),
  })
  .optional()
  .describe('Answers /healthz, /readyz and /metrics by HTTP; `status: {}` is enough. Default: not started.')
