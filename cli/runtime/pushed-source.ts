import type { SourceConfig } from '../../config/schema/sources.ts'
import { resolveSecret, type SecretReference } from '../../config/secret.ts'
import type { Source } from '../../core/ports/source.ts'
import { EnvoyAlsSource } from '../../ingest/sources/envoy-als/als-source.ts'
import { HttpSource } from '../../ingest/sources/http/http-source.ts'
import { logsEndpoint } from '../../ingest/sources/otlp/logs-endpoint.ts'

/** What sources are told of the run. */
export interface SourceSurroundings {
  /** For a person to know. */
  readonly notice: (text: string) => void
  /** Marks of the last commit. */
  readonly marks: ReadonlyMap<string, string>
  /** Whether the state can't be written for want of room. */
  readonly lacksRoom: () => boolean
}

type PushedConfig = Extract<SourceConfig, { type: 'http' | 'otlp' | 'envoy-als' }>

/** A shorter token could be found by trying. */
const tokenBytesMin = 16

/** Opens a source that is sent to. Throws when its token can't be had. */
export function pushedSource(
  config: PushedConfig,
  idleMs: number,
  { notice, marks, lacksRoom }: SourceSurroundings,
): Source {
  const common = {
    id: config.name,
    ...config.listen,
    token: config.token === 'none' ? undefined : tokenOf(config.name, config.token),
    idleMs,
    waitingBytesMax: config.waiting_max,
  }
  if (config.type === 'envoy-als') return new EnvoyAlsSource({ ...common, onNotice: notice })
  return new HttpSource({
    ...common,
    moreTokens: config.more_tokens.map((reference) => tokenOf(config.name, reference)),
    bodyBytesMax: config.body_max,
    marks,
    lacksRoom,
    onError: (error) => notice(`a request failed: ${error.stack ?? error.message}`),
    ...(config.type === 'http'
      ? { keysMax: config.idempotency_keys }
      : {
          endpoint: logsEndpoint({
            from: config.format === undefined ? 'attributes' : 'body',
            trustsClientAddress: config.trust_client_address,
          }),
        }),
  })
}

function tokenOf(source: string, reference: SecretReference): string {
  const secret = resolveSecret(reference)
  if (Buffer.byteLength(secret) >= tokenBytesMin) return secret
  throw new Error(`the token of source ${source}, ${reference}, is shorter than ${tokenBytesMin} bytes`)
}
