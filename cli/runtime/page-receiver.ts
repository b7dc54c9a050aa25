import { createHttpClient } from '../../actions/http/http-client.ts'
import type { PicketConfig } from '../../config/picket-config.ts'
import { resolveSecret } from '../../config/secret.ts'
import type { HttpClient } from '../../core/ports/http-client.ts'
import type { ResponderOptions } from './responder.ts'

/** Says in the journal of every page that nobody was told. */
const nobody: HttpClient = {
  send: async () => ({
    kind: 'refused',
    why: 'no receiver of pages is configured: set actions.page in picket.yaml',
  }),
}

/** Where pages go, as configured. */
export function pageReceiver({ actions }: Pick<PicketConfig, 'actions'>): ResponderOptions['page'] {
  const { page } = actions
  if (!page) return { http: nobody, routingKey: '' }
  const hosts = [new URL(page.url).host, ...page.allowed_hosts]
  const http = createHttpClient(hosts.map((host) => ({ host, privateAddress: page.allow_private })))
  return { http, url: page.url, routingKey: resolveSecret(page.routing_key) }
}
